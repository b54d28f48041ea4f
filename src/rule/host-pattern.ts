// What `Host` and `HostSNI` accept: a name, `*.name` for one label below it, or `*`.

import { type CompileError, failed } from "./predicate.ts";

/** A host as a rule names it; lower case, without trailing dot and brackets. */
export type HostPattern =
  | { readonly type: "exact"; readonly host: string }
  /** One label and `.parent`. */
  | { readonly type: "wildcard"; readonly parent: string }
  | { readonly type: "any" };

/** `name:80` and `[::1]:80`, but not `::1`. */
const WITH_PORT = /^(?:[^:]*|\[.*\]):[0-9]*$/;

/** Reads a host pattern. */
export function parseHostPattern(text: string): HostPattern | { readonly error: CompileError } {
  if (/[^\x21-\x7e]/.test(text)) {
    const hint = /[^\x00-\x7f]/.test(text) ? "write an international name in its ASCII form: xn--…" : undefined;
    return failed(`${JSON.stringify(text)} is not a host name; wanted ASCII without spaces`, hint);
  }
  if (text === "*") return { type: "any" };
  if (WITH_PORT.test(text)) {
    const bare = text.replace(/:[0-9]*$/, "");
    return failed(`${JSON.stringify(text)} has a port; hosts are compared without`, `write ${bare}`);
  }
  const host = stripDecoration(text.toLowerCase());
  if (host === "") return failed(`${JSON.stringify(text)} is not a host name`);
  const parent = host.startsWith("*.") ? host.slice(2) : undefined;
  if ((parent ?? host).includes("*")) {
    return failed(
      `${JSON.stringify(text)} has a * in the middle; wanted name, *.name or *`,
      "HostRegexp takes any form",
    );
  }
  return parent === undefined ? { type: "exact", host } : { type: "wildcard", parent };
}

/** What follows the first label, or undefined for a single label. */
export function parentOf(host: string): string | undefined {
  const dot = host.indexOf(".");
  return dot < 1 ? undefined : host.slice(dot + 1);
}

/** @param host lower case, without port and trailing dot; the empty one, of a request without host, matches nothing */
export function hostMatches(pattern: HostPattern, host: string): boolean {
  if (pattern.type === "any") return host !== "";
  return pattern.type === "exact" ? host === pattern.host : parentOf(host) === pattern.parent;
}

function stripDecoration(host: string): string {
  const bare = /^\[(.*)\]$/.exec(host)?.[1] ?? host;
  return bare.endsWith(".") ? bare.slice(0, -1) : bare;
}
