// Secrets and ConfigMaps: their values as text, and the PEM inside them. No message ever quotes a value.

import { quoteValue } from "../../../schema/issues.ts";
import type { Problem } from "../../../schema/problem.ts";
import { type Parsed, type ProblemText, sourceOf } from "../parse.ts";
import { isRecord, type KubeObject } from "../store/object.ts";

/** What a Secret or ConfigMap holds: values by key, decoded. */
export interface Values extends ReadonlyMap<string, string> {
  /** Of a Secret: `kubernetes.io/tls`, `Opaque`; else empty. */
  readonly type: string;
}

class ValueMap extends Map<string, string> implements Values {
  readonly type: string;

  constructor(type: unknown) {
    super();
    this.type = typeof type === "string" ? type : "";
  }
}

/** A certificate chain and its private key, as PEM. */
export interface PemPair {
  readonly certificate: string;
  readonly privateKey: string;
}

const decoder = new TextDecoder();

/** Reads `data` of a Secret, which is base64. */
export function parseSecret(object: KubeObject): Parsed<Values> {
  return parseValues(object, decodeBase64, "base64");
}

/** Reads `data` of a ConfigMap, which is text. */
export function parseConfigMap(object: KubeObject): Parsed<Values> {
  return parseValues(object, (text) => text, "a text");
}

/** What was read of the values, or why it can't be. */
export type Read<T> = { readonly value: T } | { readonly problem: ProblemText };

/** The pair of a TLS Secret: `tls.crt` and `tls.key`. */
export function keyPairOf(values: Values): Read<PemPair> {
  const certificate = values.get("tls.crt") ?? "";
  const privateKey = values.get("tls.key") ?? "";
  if (!isPem(certificate, "CERTIFICATE")) return lacks("tls.crt", certificate, "a PEM certificate");
  if (!isPem(privateKey, "PRIVATE KEY")) return lacks("tls.key", privateKey, "a PEM private key");
  return { value: { certificate, privateKey } };
}

const AUTHORITY_KEYS = ["tls.ca", "ca.crt"] as const; // Traefik's order

/** The certificate authorities of a Secret or ConfigMap. */
export function authoritiesOf(values: Values): Read<string> {
  const key = AUTHORITY_KEYS.find((each) => values.has(each));
  if (key === undefined) {
    return { problem: { code: "incomplete-secret", message: `it has neither "tls.ca" nor "ca.crt"` } };
  }
  const text = values.get(key) ?? "";
  return isPem(text, "CERTIFICATE") ? { value: text } : lacks(key, text, "a PEM certificate");
}

/** The value of one key, which must be there. */
export function valueOf(values: Values, key: string): Read<string> {
  const value = values.get(key);
  return value === undefined ? lacks(key, "", "") : { value };
}

function lacks(key: string, value: string, wanted: string): { readonly problem: ProblemText } {
  return value === ""
    ? { problem: { code: "incomplete-secret", message: `it has no ${quoteValue(key)}` } }
    : { problem: { code: "bad-certificate", message: `its ${quoteValue(key)} is not ${wanted}` } };
}

/** Its armour alone; whether the bytes inside are right is for whoever loads them. */
function isPem(text: string, label: string): boolean {
  return new RegExp(`-----BEGIN [A-Z0-9 ]*${label}-----`).test(text);
}

function parseValues(object: KubeObject, decode: (text: string) => string | undefined, wanted: string): Parsed<Values> {
  const { data, type } = object.raw;
  const problem = (path: readonly string[], message: string): Problem => ({
    severity: "error",
    code: "invalid-value",
    message,
    source: sourceOf(object),
    path,
  });
  if (data === undefined || data === null) return { value: new ValueMap(type), problems: [] };
  if (!isRecord(data)) return { problems: [problem(["data"], `"data" must be a mapping`)] };
  const values = new ValueMap(type);
  const problems: Problem[] = [];
  for (const [key, text] of Object.entries(data)) {
    const value = text === null ? "" : typeof text === "string" ? decode(text) : undefined;
    if (value === undefined) problems.push(problem(["data", key], `${quoteValue(key)} must be ${wanted}`));
    else values.set(key, value);
  }
  return problems.length > 0 ? { problems } : { value: values, problems };
}

function decodeBase64(text: string): string | undefined {
  try {
    return decoder.decode(Uint8Array.from(atob(text), (char) => char.charCodeAt(0)));
  } catch {
    return undefined;
  }
}
