// TCP routers, services and middlewares, checked as far as that is possible without serving them.

import type { TcpRouter, TcpService } from "../config/dynamic-tcp.ts";
import type { MergedConfiguration } from "../config/merge.ts";
import type { Merged } from "../config/merge-section.ts";
import { compileTcpRule, needsServerName } from "../rule/tcp-matcher.ts";
import { rulePriority } from "../rule/priority.ts";
import type { RuleNode } from "../rule/tree.ts";
import type { Problem } from "../schema/problem.ts";
import type { BuildContext, EntryPointFacts } from "./context.ts";
import { chooseEntryPoints, protocolOf } from "./entry-points.ts";
import type { Fault } from "./l4-faults.ts";
import { L4RouterFaults } from "./l4-faults.ts";
import { L4Services } from "./l4-services.ts";
import { notServedYet } from "./not-served.ts";
import { MAX_PRIORITY } from "./router-builder.ts";
import type { RuleCache } from "./rule-cache.ts";
import type { RoutingPartStatus, TcpStatus } from "./status.ts";
import { degrade, newRoutingStatus, newUsedStatus } from "./status.ts";
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

/** Checks all TCP parts. */
export function checkTcp(parts: L4Parts): { readonly status: TcpStatus; readonly problems: readonly Problem[] } {
  const { tcp } = parts.config;
  const services = new L4Services(tcp.services, (service) => transportFaults(service, tcp));
  const routers = Object.entries(tcp.routers).map(([key, router]) => checkRouter(key, router, { ...parts, services }));
  const usage = new Usage(tcp.services, routers.map(({ uses }) => uses));
  const sound = routers.filter(({ status }) => status.state !== "disabled").map(({ status }) => status);
  for (const status of sound) degrade(status, "disabled", "TCP is not served yet");
  return {
    status: {
      routers: routers.map(({ status }) => status),
      services: services.statuses((key) => usage.ofService(key)),
      middlewares: Object.entries(tcp.middlewares).map(([key, config]) =>
        newUsedStatus(key, config, usage.ofMiddleware(key), undefined)
      ),
    },
    problems: [
      ...routers.flatMap(({ problems }) => problems),
      ...services.problems,
      ...(sound.length === 0 ? [] : [
        notServedYet("TCP", sound.map(({ config }) => config), "its routers get no connections"),
      ]),
    ],
  };
}

function transportFaults(service: TcpService, { serversTransports }: MergedConfiguration["tcp"]): readonly string[] {
  const reference = service.kind === "loadBalancer" ? service.serversTransport : undefined;
  if (reference === undefined || reference === "default@internal") return [];
  const transport = serversTransports[reference];
  if (transport === undefined) return [`the serversTransport ${reference} does not exist`];
  return (transport.defects ?? []).map((defect) => `the serversTransport ${reference} can't be used: ${defect}`);
}

interface CheckedRouter {
  readonly status: RoutingPartStatus<Merged<TcpRouter>>;
  readonly problems: readonly Problem[];
  readonly uses: RouterUses;
}

function checkRouter(
  key: string,
  router: Merged<TcpRouter>,
  parts: L4Parts & { readonly services: L4Services<TcpService> },
): CheckedRouter {
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
  for (const defect of router.defects ?? []) degrade(status, "disabled", defect);
  if (status.state !== "disabled") status.using.push(...chosen.found.map(({ name }) => name));
  const uses = { router: status.name, service: router.service, middlewares: router.middlewares ?? [] };
  return { status, problems: faults.problems, uses };
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
    for (const fault of parts.tls.faultsOf(tls)) faults.add(fault);
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
