// Options of Traefik 1 and 2 that are gone: what to write instead.

const PROVIDERS_OF_1 = ["boltdb", "dynamodb", "eureka", "marathon", "mesos", "rancher", "servicefabric"];
const FORWARDING = "use --serversTransport";
const TIMEOUTS = "use --entrypoints.<name>.transport.respondingTimeouts";
const DYNAMIC = "routers and services are in a file of their own: use --providers.file.filename";

const REMOVED: Readonly<Record<string, string>> = {
  d: "use --log.level=DEBUG",
  debug: "use --log.level=DEBUG",
  loglevel: "use --log.level",
  l: "use --log.level",
  web: "use --api.insecure, --ping and --metrics.prometheus",
  kubernetes: "use --providers.kubernetescrd or --providers.kubernetesingress",
  docker: "it was an option of Traefik 1",
  file: DYNAMIC,
  backends: DYNAMIC,
  frontends: DYNAMIC,
  defaultentrypoints: "mark entry points with asDefault",
  acme: "use --certificatesresolvers.<name>.acme",
  rest: "use --providers.rest",
  retry: "use the middleware",
  healthcheck: "use healthCheck of the service",
  accesslogsfile: "use --accessLog.filePath",
  traefiklog: "use --log",
  traefiklogsfile: "use --log.filePath",
  checknewversion: "use --global.checkNewVersion",
  sendanonymoususage: "use --global.sendAnonymousUsage",
  providersthrottleduration: "use --providers.providersThrottleDuration",
  insecureskipverify: FORWARDING,
  rootcas: FORWARDING,
  maxidleconnsperhost: FORWARDING,
  forwardingtimeouts: FORWARDING,
  respondingtimeouts: TIMEOUTS,
  idletimeout: TIMEOUTS,
  gracetimeout: "use --entrypoints.<name>.transport.lifeCycle.graceTimeOut",
  lifecycle: "use --entrypoints.<name>.transport.lifeCycle",
  pilot: "Traefik Pilot is no more: leave it out",
  "providers.marathon": "the provider was removed in Traefik 3",
  "providers.rancher": "the provider was removed in Traefik 3",
  "providers.kubernetescrd.ingressendpoint": "it belongs to --providers.kubernetesingress",
  ...Object.fromEntries(PROVIDERS_OF_1.map((name) => [name, "it was a provider of Traefik 1"])),
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
