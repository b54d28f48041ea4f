// TLS Secrets that serve → certificates of the configuration, broken ones included.

import type { KeyPair, TlsCertificate } from "../../../config/dynamic-tls.ts";
import type { FieldPath } from "../../../schema/path.ts";
import { displayName } from "../names.ts";
import type { Parsed } from "../parse.ts";
import type { Referrer } from "../reference.ts";
import type { BackendContext } from "./context.ts";
import { locateObject } from "./find-object.ts";
import { keyPairOf, type Read, type Values } from "./secret.ts";

/** A key pair, and what is wrong with it. */
export interface FoundPair {
  readonly pair: KeyPair;
  /** Not reported: a pair with defects is passed on, for whoever has the last good one and can tell what comes of it. */
  readonly defects?: readonly string[];
}

/** The name of a TLS Secret, and the field that has it. */
export interface SecretName {
  readonly name: string;
  readonly path: FieldPath;
}

/**
 * Certificate and key of a TLS Secret, in the namespace of the object that names it.
 * @returns undefined when it is refused or missing, which has been reported
 */
export function findKeyPair(
  context: BackendContext,
  { name, path }: SecretName,
  referrer: Referrer,
): FoundPair | undefined {
  const reference = { kind: "Secret", name, namespace: undefined, path, crossProvider: false };
  const object = locateObject(context, reference, referrer);
  if (object === undefined) return undefined;
  const found = readPair(context.parser.secret(object));
  if ("problem" in found) return { pair: NOTHING, defects: [found.problem.message] };
  const { certificate, privateKey } = found.value;
  return { pair: { certificate: { text: certificate }, privateKey: { text: privateKey } } };
}

/** The certificate of a TLS Secret; see {@link findKeyPair}. */
export function findCertificate(
  context: BackendContext,
  secret: SecretName,
  referrer: Referrer,
): TlsCertificate | undefined {
  const found = findKeyPair(context, secret, referrer);
  if (found === undefined) return undefined;
  const { pair, defects } = found;
  const { namespace } = referrer;
  const { name } = secret;
  return {
    ...pair,
    ...(defects !== undefined && { defects }),
    displayName: displayName(namespace, name),
    source: { type: "object", apiVersion: "v1", kind: "Secret", namespace, name },
  };
}

const NOTHING: KeyPair = { certificate: { text: "" }, privateKey: { text: "" } };

function readPair({ value, problems }: Parsed<Values>): Read<{ certificate: string; privateKey: string }> {
  if (value !== undefined) return keyPairOf(value);
  const message = problems.map(({ message: one }) => one).join("; ");
  return { problem: { code: "unusable-reference", message } };
}
