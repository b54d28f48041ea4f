// From a configured server URL to what the wire needs, once per build.

import type { Server } from "../config/dynamic.ts";
import { canonicalPath } from "../http/path.ts";
import type { ServiceProblem } from "./context.ts";
import type { ServerProtocol, Target } from "./transport.ts";

/** Ports that URLs leave out. */
export const defaultPorts: Readonly<Record<ServerProtocol, number>> = { http: 80, https: 443, h2c: 80 };

const protocols: readonly ServerProtocol[] = ["http", "https", "h2c"];

/** A target, or why there is none. */
export type TargetResult = { readonly target: Target } | { readonly problem: ServiceProblem };

/**
 * Works out where a server is.
 * @param path of the server inside its service's configuration, for the problem
 */
export function createTarget(
  server: Server,
  passHostHeader: boolean,
  path: readonly (string | number)[],
): TargetResult {
  const parsed = parseUrl(server.url);
  if (parsed === undefined) {
    const message = `server URL "${server.url}" is not of the form http://host:port`;
    return refuse(path, "bad-server-url", message, "schemes: http, https, h2c");
  }
  const { protocol, url } = parsed;
  const pathPrefix = server.preservePath ? prefixOf(url.pathname) : "";
  if (pathPrefix === undefined) {
    return refuse(path, "bad-server-url", `server URL "${server.url}" has a broken percent-encoding in its path`);
  }
  const host = url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname;
  const port = url.port === "" ? defaultPorts[protocol] : Number(url.port);
  return { target: { url: server.url, protocol, host, port, authority: url.host, pathPrefix, passHostHeader } };
}

/** `host:port` as a Host header has it. */
export function authorityOf(host: string, port: number, protocol: ServerProtocol = "http"): string {
  const name = host.includes(":") ? `[${host}]` : host;
  return port === defaultPorts[protocol] ? name : `${name}:${port}`;
}

function parseUrl(text: string): { readonly protocol: ServerProtocol; readonly url: URL } | undefined {
  const [, scheme = ""] = /^([a-z0-9]+):\/\//i.exec(text) ?? [];
  const protocol = protocols.find((each) => each === scheme.toLowerCase());
  // a scheme that browsers don't know would leave the host as it stands
  const known = protocol === "h2c" ? `http${text.slice(scheme.length)}` : text;
  if (protocol === undefined || !URL.canParse(known)) return undefined;
  const url = new URL(known);
  return url.hostname === "" ? undefined : { protocol, url };
}

function prefixOf(pathname: string): string | undefined {
  const path = canonicalPath(pathname);
  return path?.endsWith("/") ? path.slice(0, -1) : path;
}

function refuse(path: readonly (string | number)[], code: string, message: string, hint?: string): TargetResult {
  const problem = { severity: "error", code, message, path: [...path, "url"] } as const;
  return { problem: hint === undefined ? problem : { ...problem, hint } };
}
