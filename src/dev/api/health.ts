// What `?verbose` tells of the parts of a server that is well. (data)

/** The parts of this server. */
const parts = ["ping", "log", "storage", "informer-sync", "poststarthook/crd-informer-synced"] as const;

/** The verbose answer of a health endpoint. @param endpoint `healthz`, `livez` or `readyz` */
export function healthChecks(endpoint: string): string {
  return `${parts.map((part) => `[+]${part} ok\n`).join("")}${endpoint} check passed\n`;
}
