// Traefik 1's redirects: app-root, redirect-* and ssl-*.

import type { Drafts, LegacyPath, MiddlewareDraft } from "./legacy-middleware.ts";

/** `app-root` stands for itself: on the path it is for, no other redirect is in force. */
export function redirects(input: LegacyPath): Drafts {
  const { options, path } = input;
  const appRoot = options["app-root"] ?? "";
  if (appRoot !== "" && (path === "/" || path === "")) return [appRootRedirect(appRoot)];
  const permanent = options["redirect-permanent"] ?? false;
  const entryPoint = options["redirect-entry-point"] ?? "";
  return entryPoint === "" ? byExpression(input, permanent) : toEntryPoint(input, entryPoint, permanent);
}

function toEntryPoint({ lookUp }: LegacyPath, name: string, permanent: boolean): Drafts {
  const annotation = "redirect-entry-point";
  const place = lookUp.entryPoint(name);
  if (place === undefined) return lookUp.refuse(annotation, `there is no entry point ${name}`);
  const scheme = place.isTls ? "https" : "http";
  const isUsual = place.port === (place.isTls ? 443 : 80);
  const options = { scheme, ...(!isUsual && { port: String(place.port) }), permanent };
  return [{ name: annotation, kind: "redirectScheme", options, annotation }];
}

function byExpression({ options, lookUp }: LegacyPath, permanent: boolean): Drafts {
  const { "redirect-regex": regex = "", "redirect-replacement": replacement = "" } = options;
  if (regex !== "" && replacement !== "") {
    return [redirectRegex("redirect-regex", { regex, replacement, permanent })];
  }
  if (regex === replacement) return [];
  const [given, missing] = regex === "" ? ["replacement", "regex"] : ["regex", "replacement"];
  return lookUp.refuse(`redirect-${given}`, `"redirect-${given}" needs "redirect-${missing}" beside it`);
}

function appRootRedirect(root: string): MiddlewareDraft {
  const replacement = `\${1}/${root.replace(/^\/+/, "")}`;
  return redirectRegex("app-root", { regex: "^(https?://[^/]+)/$", replacement, permanent: false });
}

/** `ssl-redirect` and its family. */
export function secureRedirects({ options, host, lookUp }: LegacyPath): Drafts {
  if (options["is-development"] === true) return [];
  const permanent = options["ssl-temporary-redirect"] !== true;
  const target = options["ssl-host"] ?? "";
  if (options["ssl-force-host"] === true && target !== "" && host !== target) {
    // Which hosts a rule without one lets in is unknown, and a redirect of the right one would never end.
    if (host === "" || host.startsWith("*")) {
      return lookUp.refuse("ssl-force-host", `"ssl-force-host" needs a rule with a whole host name`);
    }
    return [toHost("ssl-force-host", { from: "https?", target, permanent })];
  }
  if (options["ssl-redirect"] !== true) return [];
  if (target !== "") return [toHost("ssl-redirect", { from: "http", target, permanent })];
  const scheme = { scheme: "https", permanent };
  return [{ name: "ssl-redirect", kind: "redirectScheme", options: scheme, annotation: "ssl-redirect" }];
}

interface HostRedirect {
  /** Expression for the scheme. */
  readonly from: string;
  readonly target: string;
  readonly permanent: boolean;
}

function toHost(annotation: string, { from, target, permanent }: HostRedirect): MiddlewareDraft {
  const replacement = `https://${target.replaceAll("$", "$$$$")}/\${1}`;
  return redirectRegex(annotation, { regex: `^${from}://[^/]+/(.*)$`, replacement, permanent });
}

function redirectRegex(annotation: string, options: MiddlewareDraft["options"]): MiddlewareDraft {
  return { name: annotation, kind: "redirectRegex", options, annotation };
}
