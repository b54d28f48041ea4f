// HTTPS of one entry point: its options by host, its handler, and who must not be answered on a connection.

import { DEFAULT_TLS_OPTIONS } from "../config/qualify.ts";
import { statusResponse } from "../http/error-response.ts";
import type { Handler } from "../http/handler.ts";
import type { ProxyRequest } from "../http/request.ts";
import type { ProxyResponse } from "../http/response.ts";
import { TlsHosts } from "../router/tls-hosts.ts";
import type { HttpsNames } from "../router/tcp-table.ts";
import type { Problem } from "../schema/problem.ts";
import { type ChooseTls, unrecognizedName } from "../tls/choice.ts";
import type { OptionSet } from "../tls/option-set.ts";
import type { BuildContext } from "./context.ts";
import { createRouteFinder, type RouteFinder } from "./route-finder.ts";
import type { Route } from "./route.ts";
import type { TlsParts } from "./tls-parts.ts";

/** What an entry point serves HTTPS with. */
export interface SecureTable {
  readonly handler: Handler;
  readonly choose: ChooseTls;
  /** Names of HTTPS routers, which go before TCP routers. */
  readonly names: HttpsNames;
}

/** The tables of all entry points that have TLS routes of HTTP. */
export interface SecureTables {
  readonly tables: ReadonlyMap<string, SecureTable>;
  readonly problems: readonly Problem[];
}

/** @param routes those that are for TLS, by entry point */
export function buildSecureTables(
  routes: ReadonlyMap<string, readonly Route[]>,
  tls: TlsParts,
  { state }: BuildContext,
): SecureTables {
  const memory = state.take("secure tables", isMemory, () => new SecureMemory());
  const defaults = tls.setOf({ options: DEFAULT_TLS_OPTIONS }, "http");
  const tables = new Map<string, SecureTable>();
  const problems: Problem[] = [];
  const made = memory.turn(routes, defaults);
  for (const [name, each] of made) {
    const { hosts } = each;
    for (const set of [defaults, ...setsOf(routes.get(name) ?? [])]) if (set !== undefined) tls.prepare(set);
    tables.set(name, { handler: handlerOf(each), names: hosts, choose: chooseBy(hosts, tls) });
    for (const conflict of hosts.conflicts) problems.push(toProblem(name, conflict));
  }
  return { tables, problems };
}

function chooseBy(hosts: TlsHosts<OptionSet>, tls: TlsParts): ChooseTls {
  return (hello, localIp) => {
    const set = hosts.optionsOf(hello.serverName);
    if (set !== undefined) return tls.choose(set, hello, localIp);
    return unrecognizedName(`the TLS options of ${JSON.stringify(hello.serverName)} can't be had`);
  };
}

function setsOf(routes: readonly Route[]): readonly (OptionSet | undefined)[] {
  return routes.map(({ tls }) => tls?.options);
}

type HostTable = TlsHosts<OptionSet>;

interface Made {
  readonly finder: RouteFinder;
  readonly defaultKey: string | undefined;
  readonly hosts: HostTable;
}

/** What is the same as in the last build is not made again. */
class SecureMemory {
  #made: ReadonlyMap<string, Made> = new Map();

  turn(routes: ReadonlyMap<string, readonly Route[]>, defaults: OptionSet | undefined): ReadonlyMap<string, Made> {
    const before = this.#made;
    const made = new Map<string, Made>();
    for (const [name, list] of routes) {
      if (list.length > 0) made.set(name, make(list, defaults, before.get(name)));
    }
    this.#made = made;
    return made;
  }
}

function isMemory(value: unknown): value is SecureMemory {
  return value instanceof SecureMemory;
}

function make(routes: readonly Route[], defaults: OptionSet | undefined, before: Made | undefined): Made {
  const finder = createRouteFinder(routes, before?.finder);
  if (before !== undefined && before.defaultKey === defaults?.key && haveSameHosts(before.finder.routes, routes)) {
    return { ...before, finder };
  }
  const entries = routes.map(({ rule, status, tls }) => ({ name: status.name, rule, options: tls?.options }));
  const hosts = new TlsHosts<OptionSet>(entries, { keyOf: ({ key }) => key, options: defaults });
  return { finder, defaultKey: defaults?.key, hosts };
}

function haveSameHosts(before: readonly Route[], now: readonly Route[]): boolean {
  return before.length === now.length && before.every((route, index) => {
    const other = now[index];
    return route === other || (route.rule === other?.rule && route.tls?.options?.key === other.tls?.options?.key);
  });
}

/**
 * A client may ask for any host on its connection. One whose options are others than those of its handshake is
 * misdirected (RFC 9110 §7.4): it may have been spared the certificate that is asked for there.
 */
function handlerOf({ hosts, finder: { handler } }: Made): Handler {
  return (request) => {
    const key = request.tls?.optionsKey;
    return key === undefined || hosts.optionsOf(request.host)?.key !== key ? misdirected(request) : handler(request);
  };
}

/**
 * Where several routers share a host, only one set of options is in force: those that demand a client's certificate
 * must not be reached without.
 */
export function demandingClient(chain: Handler, { key }: OptionSet): Handler {
  return (request) => request.tls?.optionsKey === key ? chain(request) : misdirected(request);
}

function misdirected({ record }: ProxyRequest): ProxyResponse {
  record.errorCode = "misdirected";
  return statusResponse(421);
}

function toProblem(
  entryPoint: string,
  { host, routers }: { readonly host: string; readonly routers: readonly string[] },
): Problem {
  const what = host === "" ? "hosts that no router names" : `the host ${host}`;
  return {
    severity: "error",
    code: "tls-options-conflict",
    message: `entry point ${entryPoint}: the routers ${routers.join(", ")} want different TLS options for ${what}, ` +
      "so the default ones are used",
    hint: "give all routers of a host the same options; those that demand a client's certificate answer 421 until then",
  };
}
