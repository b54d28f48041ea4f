// Request targets and Host values: RFC 9112 §3.2, strictly.

import { detach } from "../net/bytes.ts";
import { badMessage } from "./bad-message.ts";

/** Visible ASCII without `#` and `\`, which backends read differently from one another. */
const TARGET = /^[!"$-[\]-~]+$/;
const HOST = /^(?:[A-Za-z0-9_](?:[A-Za-z0-9\-._~]*)|\[[0-9A-Fa-f:.]+\])(?::([0-9]{0,5}))?$/;
const ABSOLUTE = /^(https?):\/\/([^/?]*)(.*)$/i;

/** A target, taken apart. */
export interface RequestTarget {
  /** From an absolute target; undefined otherwise. */
  readonly authority: string | undefined;
  /** Raw path: begins with `/`, or is `*`. */
  readonly path: string;
  /** With its `?`, or empty. */
  readonly search: string;
}

/**
 * Takes a request target apart.
 * @throws {ProxyError} 400; 501 for CONNECT
 */
export function parseTarget(method: string, target: string, scheme: string): RequestTarget {
  if (method === "CONNECT") throw badMessage("downstream", "connect-refused-method", "CONNECT is not served", 501);
  if (!TARGET.test(target)) {
    throw badMessage("downstream", "bad-target", "the request target has a forbidden character");
  }
  if (target.charCodeAt(0) === 47) return splitPath(undefined, target);
  if (target === "*" && method === "OPTIONS") return { authority: undefined, path: "*", search: "" };
  const absolute = ABSOLUTE.exec(target);
  if (absolute === null) throw badMessage("downstream", "bad-target", "the request target is neither a path nor a URL");
  const [, targetScheme = "", authority = "", rest = ""] = absolute;
  if (targetScheme.toLowerCase() !== scheme) {
    throw badMessage("downstream", "bad-target", `the request target's scheme is not ${scheme}`);
  }
  checkHost(authority);
  return splitPath(authority, rest.startsWith("/") ? rest : `/${rest}`);
}

/** Hosts found valid lately. Most requests name one of few; a hostile client can't grow it further. */
const valid = new Set<string>();
const REMEMBERED = 1024;
const LONGEST = 261; // a DNS name, a colon and a port; longer ones are checked each time

/**
 * Refuses anything but `host[:port]`.
 * @throws {ProxyError} 400
 */
export function checkHost(value: string): void {
  if (valid.has(value)) return;
  const match = HOST.exec(value);
  if (match === null || Number(match[1] ?? 0) > 65_535) {
    throw badMessage("downstream", "bad-host", "the Host is not a valid host[:port]");
  }
  if (valid.size < REMEMBERED && value.length <= LONGEST) valid.add(detach(value));
}

function splitPath(authority: string | undefined, path: string): RequestTarget {
  const mark = path.indexOf("?");
  if (mark === -1) return { authority, path, search: "" };
  return { authority, path: path.slice(0, mark), search: path.slice(mark) };
}
