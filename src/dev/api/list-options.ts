// The options of lists and watches, checked as a real server checks them.

import { badRequest, type Cause, invalidNamed, StatusError } from "../kube/status.ts";

/** What a list or watch asks for. */
export interface ListOptions {
  readonly watch: boolean;
  /** 0: no limit. */
  readonly limit: number;
  readonly continueToken: string;
  /** Empty: the newest state; `0`: any. */
  readonly resourceVersion: string;
  /** `Exact`, `NotOlderThan` or empty. */
  readonly match: string;
  /** Seconds; 0: not given. */
  readonly timeout: number;
  readonly bookmarks: boolean;
}

/**
 * Reads the options of a list or watch.
 * @throws {StatusError} 400 for what is no number, 422 for what does not go together
 */
export function listOptions(query: URLSearchParams): ListOptions {
  const options = {
    watch: isTrue(query.get("watch")),
    limit: Math.max(0, integerOf(query, "limit")),
    continueToken: query.get("continue") ?? "",
    resourceVersion: query.get("resourceVersion") ?? "",
    match: query.get("resourceVersionMatch") ?? "",
    timeout: Math.max(0, integerOf(query, "timeoutSeconds")),
    bookmarks: isTrue(query.get("allowWatchBookmarks")),
  };
  const causes = options.match === "" ? [] : matchCauses(options);
  if (causes.length === 0) return options;
  throw invalidNamed("ListOptions.meta.k8s.io", { group: "meta.k8s.io", kind: "ListOptions" }, "", causes);
}

function matchCauses({ watch, resourceVersion, continueToken, match }: ListOptions): Cause[] {
  const field = "resourceVersionMatch";
  const causes: Cause[] = [];
  const forbid = (why: string) => {
    causes.push({ reason: "FieldValueForbidden", message: `Forbidden: ${field} ${why}`, field });
  };
  if (watch) forbid("is forbidden for watch");
  if (resourceVersion === "") forbid("is forbidden unless resourceVersion is provided");
  if (continueToken !== "") forbid("is forbidden when continue is provided");
  if (match !== "Exact" && match !== "NotOlderThan") {
    const message = `Unsupported value: ${JSON.stringify(match)}: supported values: "Exact", "NotOlderThan", ""`;
    causes.push({ reason: "FieldValueNotSupported", message, field });
  }
  if (match === "Exact" && resourceVersion === "0") forbid('"exact" is forbidden for resourceVersion "0"');
  return causes;
}

/** Anything but false is a yes, as in a real server. */
export function isTrue(text: string | null): boolean {
  return text !== null && text !== "" && !/^(0|f|F|false|False|FALSE)$/.test(text);
}

/** A resourceVersion as a number; 0 when it is empty. @throws {StatusError} 500, as a real server */
export function versionNumber(version: string): number {
  if (/^\d*$/.test(version)) return Number(version);
  const why = `strconv.ParseUint: parsing "${version}": invalid syntax`;
  throw new StatusError(500, "", `resourceVersion: Invalid value: "${version}": ${why}`);
}

/** An integer option; 0 when absent. @throws {StatusError} 400 */
export function integerOf(query: URLSearchParams, option: string): number {
  const text = query.get(option) ?? "";
  if (text === "") return 0;
  if (!/^[-+]?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}
