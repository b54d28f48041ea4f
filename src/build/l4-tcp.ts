// TCP routers, services and middlewares: checked, and built into the routes of entry points.

import type { TcpRouter, TcpService } from "../config/dynamic-tcp.ts";
import type { MergedConfiguration } from "../config/merge.ts";
import type { Merged } from "../config/merge-section.ts";
import { toProxyError } from "../net/error.ts";
import type { TcpHandler, TcpSession } from "../net/tcp-session.ts";
import type { TcpRoute } from "../router/tcp-table.ts";
import { compileTcpRule, needsServerName } from "../rule/tcp-matcher.ts";
import { rulePriority } from "../rule/priority.ts";
import type { RuleNode } from "../rule/tree.ts";
import type { Problem } from "../schema/problem.ts";
import { terminateTls } from "../tls/tcp-termination.ts";
import type { BuildContext, EntryPointFacts } from "./context.ts";
import { chooseEntryPoints, protocolOf } from "./entry-points.ts";
import type { Fault } from "./l4-faults.ts";
import { L4RouterFaults } from "./l4-faults.ts";
import { L4Services } from "./l4-services.ts";
import { TcpParts } from "./l4-tcp-parts.ts";
import { TcpTransports } from "./l4-tcp-transport.ts";
import { MAX_PRIORITY } from "./router-builder.ts";
import type { RuleCache } from "./rule-cache.ts";
import type { RoutingPartStatus, TcpStatus } from "./status.ts";
import { newRoutingStatus, newUsedStatus } from "./status.ts";
import type { TlsParts } from "./tls-parts.ts";
import type { RouterUses } from "./usage.ts";
import { Usage } from "./usage.ts";

/** What TCP and UDP are checked with. */
export interface L4Parts {
  readonly config: MergedConfiguration;
  readonly context: BuildContext;
  /** Of both protocols. */
  readonly entryPoints: readonly EntryPointFacts[];
  readonly rules: RuleCache;
  readonly tls: TlsParts;
}

/** What became of the TCP parts. */
export interface TcpOutcome {
  readonly status: TcpStatus;
  readonly problems: readonly Problem[];
  /** Routes by entry point. */
  readonly routes: ReadonlyMap<string, readonly TcpRoute[]>;
}

/** Builds all TCP parts. */
export function buildTcp(parts: L4Parts): TcpOutcome {
  const { config: { tcp }, context } = parts;
  const transports = new TcpTransports(tcp.serversTransports, context);
  const services = new L4Services(
    tcp.services,
    (service) => service.kind === "loadBalancer" ? transports.faultsOf(service) : [],
  );
  const found = [...transports.problems, ...services.problems];
  const built = new TcpParts(tcp, context, { checked: services, transports });
  const routers = Object.entries(tcp.routers).map(([key, router]) =>
    buildRouter(key, router, { ...parts, services, built })
  );
  const usage = new Usage(tcp.services, routers.map(({ uses }) => uses));
  return {
    routes: Map.groupBy(routers.flatMap(({ routes }) => routes), ({ entryPoint }) => entryPoint),
    status: {
      routers: routers.map(({ status }) => status),
      services: services.statuses((key) => usage.ofService(key)).map((status) => ({
        ...status,
        serverStatus: () => built.serverStatus(status.key),
      })),
      middlewares: Object.entries(tcp.middlewares).map(([key, config]) =>
        newUsedStatus(key, config, usage.ofMiddleware(key), undefined)
      ),
    },
    problems: [...routers.flatMap(({ problems }) => problems), ...found, ...built.services.problems],
  };
}

interface BuiltRouter {
  readonly status: RoutingPartStatus<Merged<TcpRouter>>;
  readonly problems: readonly Problem[];
  readonly uses: RouterUses;
  readonly routes: readonly PlacedRoute[];
}

interface PlacedRoute extends TcpRoute {
  readonly entryPoint: string;
}

interface RouterParts extends L4Parts {
  readonly services: L4Services<TcpService>;
  readonly built: TcpParts;
}

function buildRouter(key: string, router: Merged<TcpRouter>, parts: RouterParts): BuiltRouter {
  const status = newRoutingStatus(key, router);
  const faults = new L4RouterFaults(status);
  const tree = readRule(router, parts, faults);
  status.priority = priorityOf(router, faults);
  const all = parts.entryPoints;
  const chosen = chooseEntryPoints(
    router.entryPoints,
    all.filter((each) => protocolOf(each) === "tcp"),
    all.filter((each) => protocolOf(each) === "udp"),
  );
  faults.addEntryPoints(chosen);
  checkMiddlewares(router, parts, faults);
  checkTls(router, tree, { ...parts, faults });
  faults.addService(parts.services, router.service);
  faults.addDefects(router.defects, parts.services.isFilled(router.service));
  const uses = { router: status.name, service: router.service, middlewares: router.middlewares ?? [] };
  const routes = tree === undefined || !canMatch(router, tree)
    ? []
    : serve(router, tree, chosen.found, { ...parts, status, faults });
  status.using.push(...routes.map(({ entryPoint }) => entryPoint));
  return { status, problems: faults.problems, uses, routes };
}

/** A router that can't serve still takes its connections, and closes them: no other router may get them instead. */
function serve(
  router: Merged<TcpRouter>,
  rule: RuleNode,
  entryPoints: readonly EntryPointFacts[],
  { services, built, status, faults, tls, context }: RouterParts & {
    readonly status: BuiltRouter["status"];
    readonly faults: L4RouterFaults;
  },
): PlacedRoute[] {
  let handler = closed;
  try {
    if (status.state !== "disabled") {
      handler = decrypted(built.chain(router.service, router.middlewares ?? []), router, { tls, context });
    }
  } catch (thrown) {
    const { code, message } = toProxyError(thrown);
    faults.add({ code, message });
  }
  const isEmpty = handler === closed || !services.isFilled(router.service);
  return entryPoints.map(({ name }) => ({
    entryPoint: name,
    name: status.name,
    rule,
    priority: status.priority,
    order: isEmpty ? 1 : 0, // a dead router must not shadow a live one of the same priority
    isTls: router.tls !== undefined,
    isTerminated: router.tls?.passthrough === false,
    handler,
  }));
}

/** Behind a terminated TLS connection, unless the router passes it through. */
function decrypted(
  next: TcpHandler,
  { tls: wishes }: TcpRouter,
  { tls, context }: Pick<L4Parts, "tls" | "context">,
): TcpHandler {
  if (wishes === undefined || wishes.passthrough) return next;
  const set = tls.setOf(wishes, "tcp");
  if (set === undefined) return closed; // has been reported
  tls.prepare(set);
  return terminateTls(next, (hello, localIp) => tls.choose(set, hello, localIp), (reason, { remote, entryPoint }) => {
    if (!context.logger.enabled("DEBUG")) return;
    context.logger.debug(`rejected: ${reason}`, {
      entryPointName: entryPoint,
      clientAddr: `${remote.ip}:${remote.port}`,
    });
  });
}

function closed(session: TcpSession): void {
  session.refuse();
}

/** Without TLS there is no server name, and a rule that wants one would take nothing. */
function canMatch({ tls }: TcpRouter, rule: RuleNode): boolean {
  return tls !== undefined || !needsServerName(rule);
}

function checkMiddlewares({ middlewares = [] }: TcpRouter, { config }: L4Parts, faults: L4RouterFaults): void {
  for (const name of middlewares) {
    if (config.tcp.middlewares[name] !== undefined) continue;
    faults.add({ code: "missing-middleware", message: `the middleware ${name} does not exist` });
  }
}

function checkTls(
  { tls, rulePath }: TcpRouter,
  rule: RuleNode | undefined,
  parts: L4Parts & { readonly faults: L4RouterFaults },
): void {
  const { faults } = parts;
  if (tls !== undefined) {
    // Passed through, the connection meets neither options nor certificates of ours.
    if (!tls.passthrough) { for (const fault of parts.tls.faultsOf(tls, "tcp")) faults.add(fault); }
  } else if (rule !== undefined && needsServerName(rule)) {
    faults.add({
      code: "server-name-without-tls",
      message: "its rule asks for a server name, which clients only tell in TLS, and it has no tls",
      hint: "add tls, with passthrough where the server has the certificate, or match HostSNI(`*`)",
      path: rulePath,
    });
  }
}

function readRule(
  { rule, ruleSyntax, rulePath }: TcpRouter,
  parts: L4Parts,
  faults: L4RouterFaults,
): RuleNode | undefined {
  const text = typeof rule === "string" ? `the rule ${JSON.stringify(rule)}` : "the rule";
  const fault = (error: { readonly message: string; readonly hint?: string }): Fault => ({
    code: "bad-rule",
    message: `${text}: ${error.message}`,
    hint: error.hint,
    path: rulePath,
  });
  const parsed = typeof rule === "string"
    ? parts.rules.read(rule, ruleSyntax ?? parts.context.defaultSyntax, "tcp")
    : { tree: rule, warnings: [] };
  if ("error" in parsed) {
    faults.add(fault(parsed.error));
    return undefined;
  }
  for (const warning of parsed.warnings) faults.add({ severity: "warning", ...fault(warning) });
  const { error } = compileTcpRule(parsed.tree);
  if (error !== undefined) faults.add(fault(error));
  return error === undefined ? parsed.tree : undefined;
}

function priorityOf({ rule, priority = 0 }: TcpRouter, faults: L4RouterFaults): number {
  if (priority > MAX_PRIORITY) {
    const message = `the priority ${priority} is above ${MAX_PRIORITY}, which is used instead`;
    faults.add({ severity: "warning", code: "bad-priority", message });
  }
  return Math.min(priority === 0 ? rulePriority(rule, "tcp") : priority, MAX_PRIORITY);
}
