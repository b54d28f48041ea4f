// The request head that goes to a backend.

import { appendForwardedFor } from "../http/forwarded.ts";
import { role } from "../http/header-name.ts";
import type { ProxyRequest } from "../http/request.ts";
import { framing } from "../http1/framing.ts";
import { framingLine } from "../http1/write.ts";
import type { Target } from "./transport.ts";

const METHODS_WITH_BODY: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH"]);

/**
 * Writes the head.
 * @param whole the whole body when it is in memory; otherwise the request's own body tells the framing
 */
export function upstreamHead(request: ProxyRequest, target: Target, whole: Uint8Array | undefined): string {
  const { method, path, search } = request;
  const query = search.includes(";") ? search.replaceAll(";", "&") : search; // as Go's proxy sends it
  const line = `${method} ${path === "*" ? "*" : target.pathPrefix + path}${query} HTTP/1.1\r\n`;
  return `${line}${headerLines(request, target)}${bodyLine(request, whole)}\r\n`;
}

function headerLines(request: ProxyRequest, target: Target): string {
  const { headers, remote } = request;
  if (!request.appendsForwardedFor) return plainLines(request, target);
  const hasPrior = (headers.roles & role.forwardedFor) !== 0;
  if (target.passHostHeader && !hasPrior && (headers.roles & role.host) !== 0) {
    return `${headers.toText()}X-Forwarded-For: ${remote.ip}\r\n`;
  }
  let text = `Host: ${hostFor(request, target)}\r\n`;
  for (let index = 0; index < headers.size; index++) {
    const key = headers.keyAt(index);
    if (key === "host" || key === "x-forwarded-for") continue;
    text += `${headers.nameAt(index)}: ${headers.valueAt(index)}\r\n`;
  }
  return `${text}X-Forwarded-For: ${appendForwardedFor(headers.all("x-forwarded-for"), remote.ip)}\r\n`;
}

/** An HTTP/1.0 client may name the host in its target alone, or nowhere. */
function hostFor({ headers, authority }: ProxyRequest, target: Target): string {
  if (!target.passHostHeader) return target.authority;
  return headers.first("host") ?? (authority === "" ? target.authority : authority);
}

/** The lines as they are, for entry points that leave X-Forwarded-For alone. */
function plainLines(request: ProxyRequest, target: Target): string {
  const { headers } = request;
  if (target.passHostHeader && (headers.roles & role.host) !== 0) return headers.toText();
  let text = `Host: ${hostFor(request, target)}\r\n`;
  for (const [name, value] of headers) if (name.toLowerCase() !== "host") text += `${name}: ${value}\r\n`;
  return text;
}

/** What follows the head: a body, another protocol, or nothing. */
function bodyLine(request: ProxyRequest, whole: Uint8Array | undefined): string {
  if (whole !== undefined) return framingLine(whole.length);
  const { body } = request;
  if (body !== undefined) return framingLine(body.length ?? framing.chunked);
  if (request.upgrade !== undefined) return `Connection: Upgrade\r\nUpgrade: ${request.upgrade}\r\n`;
  return METHODS_WITH_BODY.has(request.method) ? framingLine(0) : "";
}
