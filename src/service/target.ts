// From a configured server URL to what the wire needs, once per build.

import type { Server } from "../config/dynamic.ts";
import { canonicalPath } from "../http/path.ts";
import type { ServiceProblem } from "./context.ts";
import type { Target } from "./transport.ts";

const DEFAULT_PORT = 80;
const notYet: ReadonlySet<string> = new Set(["https:", "h2c:", "wss:", "ws:"]);

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
  const url = parseUrl(server.url);
  if (url === undefined || (url.protocol !== "http:" && !notYet.has(url.protocol))) {
    return refuse(path, "bad-server-url", `server URL "${server.url}" is not of the form http://host:port`);
  }
  if (url.protocol !== "http:") {
    const message = `server URL "${server.url}": the scheme ${url.protocol.slice(0, -1)} is not supported yet`;
    return refuse(path, "unsupported-scheme", message, "use http://host:port; this server gets no requests");
  }
  const pathPrefix = server.preservePath ? prefixOf(url.pathname) : "";
  if (pathPrefix === undefined) {
    return refuse(path, "bad-server-url", `server URL "${server.url}" has a broken percent-encoding in its path`);
  }
  const host = url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname;
  const port = url.port === "" ? DEFAULT_PORT : Number(url.port);
  return { target: { url: server.url, host, port, authority: url.host, pathPrefix, passHostHeader } };
}

function parseUrl(text: string): URL | undefined {
  try {
    const url = new URL(text);
    return url.hostname === "" ? undefined : url;
  } catch {
    return undefined; // the constructor's only way to say that it is no URL
  }
}

function prefixOf(pathname: string): string | undefined {
  const path = canonicalPath(pathname);
  return path?.endsWith("/") ? path.slice(0, -1) : path;
}

function refuse(path: readonly (string | number)[], code: string, message: string, hint?: string): TargetResult {
  const problem = { severity: "error", code, message, path: [...path, "url"] } as const;
  return { problem: hint === undefined ? problem : { ...problem, hint } };
}
