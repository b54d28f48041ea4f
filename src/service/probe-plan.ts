// Active health checks, worked out once: what is asked of a server, and which answer is good.

import type { HealthCheck } from "../config/dynamic.ts";
import { HeaderList } from "../http/header-list.ts";
import { canonicalPath } from "../http/path.ts";
import { ProxyRequest } from "../http/request.ts";
import type { ServiceProblem } from "./context.ts";
import { createHealthBody, GRPC_HEALTH_PATH } from "./grpc-health.ts";
import { authorityOf } from "./target.ts";
import type { ServerProtocol, Target } from "./transport.ts";

const loopback = { ip: "127.0.0.1", port: 0 } as const;
const ANY_GOOD_FROM = 200;
const ANY_GOOD_TO = 399;

/** Where a probe goes: the path is canonical, the query has its `?`. */
export interface ProbeUrl {
  readonly target: Target;
  readonly authority: string;
  readonly path: string;
  readonly search: string;
}

/** A check that can be carried out. */
export interface ProbePlan {
  readonly check: HealthCheck;
  readonly path: string;
  readonly search: string;
}

/** @returns undefined, and a problem, when the check can't be carried out: the servers then count as up */
export function createProbePlan(check: HealthCheck, problems: ServiceProblem[]): ProbePlan | undefined {
  const refuse = (field: string, message: string, hint: string): undefined => {
    const code = "unusable-health-check";
    problems.push({ severity: "error", code, message, hint, path: ["healthCheck", field] });
    return undefined;
  };
  if (check.scheme !== undefined && !["", "http", "https"].includes(check.scheme)) {
    return refuse(
      "scheme",
      `health check scheme "${check.scheme}" is not http or https`,
      "the servers are not checked",
    );
  }
  if (check.mode === "grpc") return { check, path: GRPC_HEALTH_PATH, search: "" };
  const rooted = check.path.startsWith("/") ? check.path : `/${check.path}`;
  const [path = "/", query] = rooted.split(/\?(.*)/s);
  const canonical = /[^\x21-\x7e]/.test(rooted) ? undefined : canonicalPath(path);
  if (canonical === undefined || rooted.startsWith("//")) {
    return refuse("path", `health check path "${check.path}" is not a path`, "a path begins with / and names no host");
  }
  return { check, path: canonical, search: query === undefined ? "" : `?${query}` };
}

/** Where the probes of a server go. */
export function probeUrl(plan: ProbePlan, server: Target): ProbeUrl {
  const { port: ownPort, hostname } = plan.check;
  const protocol = probeProtocol(plan.check, server);
  const port = ownPort === 0 ? server.port : ownPort;
  const authority = authorityOf(server.host, port, protocol);
  const target = { ...server, protocol, port, authority, pathPrefix: "", passHostHeader: true };
  const host = hostname === undefined || hostname === "" ? authority : hostname;
  return { target, authority: host, path: plan.path, search: plan.search };
}

/** A scheme of the check's own says whether TLS is spoken; gRPC is always HTTP/2. */
function probeProtocol({ scheme = "", mode }: HealthCheck, { protocol = "http" }: Target): ServerProtocol {
  const isSecure = scheme === "" ? protocol === "https" : scheme === "https";
  if (isSecure) return "https";
  return mode === "grpc" || (scheme === "" && protocol === "h2c") ? "h2c" : "http";
}

/** The request of one probe. @param now milliseconds of a monotonic clock */
export function probeRequest(plan: ProbePlan, url: ProbeUrl, now: number): ProxyRequest {
  const headers = HeaderList.of(["Host", url.authority], ["User-Agent", "weir-health-check"]);
  const isGrpc = plan.check.mode === "grpc";
  if (isGrpc) {
    headers.set("Content-Type", "application/grpc");
    headers.set("TE", "trailers");
  }
  let authority = url.authority;
  for (const [name, value] of Object.entries(plan.check.headers)) {
    if (name.toLowerCase() === "host") authority = value;
    headers.set(name, value);
  }
  return new ProxyRequest({
    method: isGrpc ? "POST" : plan.check.method,
    scheme: url.target.protocol === "https" ? "https" : "http",
    authority,
    rawTarget: url.path + url.search,
    path: url.path,
    search: url.search,
    protocol: "HTTP/1.1",
    headers,
    body: isGrpc ? createHealthBody() : undefined,
    remote: loopback,
    local: loopback,
    entryPoint: "",
    tls: undefined,
    startedAt: now,
  });
}

/** @returns why an answer is not good, or undefined */
export function judgeStatus(check: HealthCheck, status: number): string | undefined {
  if (check.status !== 0) return status === check.status ? undefined : `status ${status} instead of ${check.status}`;
  const isGood = status >= ANY_GOOD_FROM && status <= ANY_GOOD_TO;
  return isGood ? undefined : `status ${status} instead of ${ANY_GOOD_FROM} to ${ANY_GOOD_TO}`;
}
