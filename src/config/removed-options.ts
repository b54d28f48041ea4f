// Options of Traefik 1 and 2 that are gone: what to write instead.

const REMOVED: Readonly<Record<string, string>> = {
  d: "use --log.level=DEBUG",
  debug: "use --log.level=DEBUG",
  loglevel: "use --log.level",
  web: "use --api.insecure, --ping and --metrics.prometheus",
  kubernetes: "use --providers.kubernetescrd or --providers.kubernetesingress",
  docker: "it was an option of Traefik 1",
  defaultentrypoints: "mark entry points with asDefault",
  acme: "use --certificatesresolvers.<name>.acme",
  rest: "use --providers.rest",
  retry: "use the middleware",
  traefiklog: "use --log",
  graceTimeOut: "use --entrypoints.<name>.transport.lifeCycle.graceTimeOut",
  pilot: "Traefik Pilot is no more: leave it out",
  "providers.marathon": "the provider was removed in Traefik 3",
  "providers.rancher": "the provider was removed in Traefik 3",
  "providers.kubernetescrd.ingressendpoint": "it belongs to --providers.kubernetesingress",
};

/** What to do about an option that Traefik once had. @param name dotted, without dashes, in any case */
export function hintForRemoved(name: string): string | undefined {
  const folded = name.toLowerCase();
  for (const [option, hint] of Object.entries(REMOVED)) {
    const wanted = option.toLowerCase();
    if (folded === wanted || folded.startsWith(`${wanted}.`)) return hint;
  }
  return undefined;
}
