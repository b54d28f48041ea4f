// The text of traefik/whoami: who answers, who asked, and the request as it arrived.

import type { ProxyRequest } from "../../http/request.ts";
import type { EchoIdentity } from "./echo.ts";

/** `Name`, `Hostname`, `IP`, `RemoteAddr`, the request line, Host, and the other headers by name. */
export function whoamiText(request: ProxyRequest, { pod, workload }: EchoIdentity): string {
  const { ip, port } = request.remote;
  const lines = [
    `Name: ${workload}`,
    `Hostname: ${pod}`,
    `IP: ${request.local.ip}`,
    `RemoteAddr: ${ip.includes(":") ? `[${ip}]` : ip}:${port}`,
    `${request.method} ${request.rawTarget} ${request.protocol}`,
    `Host: ${request.authority}`,
    ...headerLines(request),
  ];
  return `${lines.join("\n")}\n\n`;
}

/** User-Agent first, as Go writes requests; the others in the order of their names. */
function headerLines({ headers }: ProxyRequest): string[] {
  const lines = [...headers]
    .map(([name, value]) => ({ name: canonicalName(name), value }))
    .filter(({ name }) => name !== "Host")
    .sort((left, right) => order(left.name, right.name));
  return lines.map(({ name, value }) => `${name}: ${value}`);
}

function order(left: string, right: string): number {
  if (left === right) return 0;
  if (left === "User-Agent") return -1;
  if (right === "User-Agent") return 1;
  return left < right ? -1 : 1;
}

/** Go's canonical form: `x-forwarded-for` → `X-Forwarded-For`. */
function canonicalName(name: string): string {
  return name.split("-").map((part) => part.slice(0, 1).toUpperCase() + part.slice(1).toLowerCase()).join("-");
}
