// Everything put together as for traffic, and thrown away: what the merge and the build find wrong.

import { buildRoutingTable } from "../build/build.ts";
import type { EntryPointFacts } from "../build/context.ts";
import { mergeConfigurations, type MergedConfiguration } from "../config/merge.ts";
import { textResponse } from "../http/response.ts";
import { middlewareRegistry } from "../middleware/registry.ts";
import { Deadlines } from "../net/deadlines.ts";
import type { Runtime } from "../net/runtime.ts";
import { StateStore } from "../net/state.ts";
import type { ProviderState } from "../provider/provider.ts";
import type { RuleSyntax } from "../rule/tree.ts";
import type { Problem } from "../schema/problem.ts";
import { defaultTransportOptions } from "../service/http1-transport.ts";
import type { Logger } from "../telemetry/logger.ts";

/** What a trial build is made with. */
export interface RoutingInput {
  /** Only files are asked of it, if anything. */
  readonly runtime: Runtime;
  /** By name of the provider. */
  readonly states: ReadonlyMap<string, ProviderState>;
  /** Undefined: any that a router names. */
  readonly entryPoints: readonly EntryPointFacts[] | undefined;
  readonly defaultSyntax: RuleSyntax;
}

/** What came of it. */
export interface CheckedRouting {
  readonly merged: MergedConfiguration;
  readonly problems: readonly Problem[];
}

/** Stands for entry points that nobody declares; no user's name has a space. */
export const ANY_ENTRY_POINT = "any entry point";

const INTERNAL_SERVICES = ["api", "dashboard", "ping", "prometheus", "noop", "rest"];

/** Builds once. */
export function checkRouting({ runtime, states, entryPoints, defaultSyntax }: RoutingInput): CheckedRouting {
  const merged = mergeConfigurations(states);
  const state = new StateStore();
  const facts = entryPoints ?? namedEntryPoints(merged);
  state.begin();
  try {
    const { problems } = buildRoutingTable({ ...merged, problems: [] }, {
      runtime: { ...runtime, dial: () => ({ cancel: () => undefined }) },
      logger: silentLogger,
      state,
      deadlines: new Deadlines(),
      entryPoints: () => facts,
      defaultSyntax,
      middlewares: middlewareRegistry,
      internalServices: new Map(INTERNAL_SERVICES.map((name) => [`${name}@internal`, () => textResponse(200, "")])),
      transport: defaultTransportOptions,
      meters: undefined,
      assumesFiles: true,
    });
    return { merged, problems };
  } finally {
    state.rollback(); // nothing of the trial stays: no pool, no health check
  }
}

function namedEntryPoints({ http, tcp, udp }: MergedConfiguration): EntryPointFacts[] {
  const named = (routers: Readonly<Record<string, { readonly entryPoints?: readonly string[] }>>) =>
    Object.values(routers).flatMap((router) => router.entryPoints ?? []);
  const streams = new Set([...named(http.routers), ...named(tcp.routers)]);
  const datagrams = new Set(named(udp.routers));
  return [
    { name: ANY_ENTRY_POINT, isDefault: true, middlewares: [] },
    ...[...streams].map((name) => ({ name, isDefault: false, middlewares: [] })),
    ...[...datagrams].map((name) => ({ name, isDefault: false, middlewares: [], protocol: "udp" as const })),
  ];
}

const silence = (): void => undefined;

const silentLogger: Logger = {
  enabled: () => false,
  trace: silence,
  debug: silence,
  info: silence,
  warn: silence,
  error: silence,
  with: () => silentLogger,
};
