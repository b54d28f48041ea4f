// Traefik 1's access annotations: auth-*, whitelist-* and the client certificate that is passed on.

import type { LegacyIngress } from "./legacy-ingress.ts";
import type { Drafts, LegacyPath } from "./legacy-middleware.ts";

/** `whitelist-source-range`. */
export function allowList({ options }: LegacyPath): Drafts {
  const sourceRange = options["whitelist-source-range"] ?? [];
  if (sourceRange.length === 0) return [];
  // Traefik 1 let a request in for any address of the header; whoever writes it could so let himself in.
  const strategy = options["whitelist-x-forwarded-for"] === true ? { ipStrategy: { depth: 1 } } : {};
  const annotation = "whitelist-source-range";
  return [{ name: annotation, kind: "ipAllowList", options: { sourceRange, ...strategy }, annotation }];
}

/** `auth-type` and what belongs to it. */
export function auth(path: LegacyPath): Drafts {
  const { options, lookUp } = path;
  const type = options["auth-type"];
  if (type === "forward") return forwardAuth(path);
  if (type !== undefined) return userAuth(path, type);
  const stray = Object.keys(options).find((name) => name.startsWith("auth-"));
  if (stray === undefined) return [];
  // Somebody meant to protect this.
  return lookUp.refuse(stray, `"${stray}" needs "auth-type" beside it`, "auth-type is basic, digest or forward");
}

function userAuth({ options, lookUp }: LegacyPath, type: "basic" | "digest"): Drafts {
  const secret = options["auth-secret"] ?? "";
  if (secret === "") return lookUp.refuse("auth-type", `"auth-type: ${type}" needs "auth-secret" beside it`);
  const users = type === "basic" ? lookUp.basicUsers("auth-secret", secret) : lookUp.digestUsers("auth-secret", secret);
  if (users === undefined) return undefined;
  const realm = options["auth-realm"] ?? "";
  const headerField = options["auth-header-field"] ?? "";
  const checked = {
    users,
    ...(realm !== "" && { realm }),
    ...(headerField !== "" && { headerField }),
    ...(options["auth-remove-header"] !== undefined && { removeHeader: options["auth-remove-header"] }),
  };
  return [{ name: "auth", kind: `${type}Auth`, options: checked, annotation: "auth-secret" }];
}

function forwardAuth({ options, lookUp }: LegacyPath): Drafts {
  const address = options["auth-url"] ?? "";
  if (address === "") return lookUp.refuse("auth-type", `"auth-type: forward" needs "auth-url" beside it`);
  const secret = options["auth-tls-secret"] ?? "";
  const pair = secret === "" ? "none" : lookUp.keyPair("auth-tls-secret", secret);
  if (pair === undefined) return undefined;
  const tls = {
    ...(pair !== "none" && { cert: pair.certificate, key: pair.privateKey }),
    ...(options["auth-tls-insecure"] === true && { insecureSkipVerify: true }),
  };
  const asked = {
    address,
    ...(Object.keys(tls).length > 0 && { tls }),
    ...(options["auth-trust-headers"] !== undefined && { trustForwardHeader: options["auth-trust-headers"] }),
    ...(options["auth-response-headers"] !== undefined && { authResponseHeaders: options["auth-response-headers"] }),
  };
  return [{ name: "auth", kind: "forwardAuth", options: asked, annotation: "auth-url" }];
}

/** `pass-client-tls-cert`, and `pass-tls-cert` before it. */
export function clientCertificate({ options }: LegacyPath): Drafts {
  const wanted = options["pass-client-tls-cert"];
  if (wanted !== undefined) {
    const annotation = "pass-client-tls-cert";
    return [{ name: annotation, kind: "passTLSClientCert", options: passOptions(wanted), annotation }];
  }
  if (options["pass-tls-cert"] !== true) return [];
  return [{
    name: "pass-tls-cert",
    kind: "passTLSClientCert",
    options: { pem: true },
    annotation: "pass-tls-cert",
  }];
}

function passOptions({ pem, infos }: NonNullable<LegacyIngress["pass-client-tls-cert"]>) {
  return { ...(pem !== undefined && { pem }), ...(infos !== undefined && { info: infos }) };
}
