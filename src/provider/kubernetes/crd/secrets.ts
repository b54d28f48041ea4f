// Secrets and ConfigMaps that Traefik's objects name: always in the namespace of the object itself.

import type { KeyPair, PemSource } from "../../../config/dynamic-tls.ts";
import type { FieldPath } from "../../../schema/path.ts";
import { findValues } from "../backend/find-object.ts";
import { authoritiesOf, keyPairOf, type Read, type Values } from "../backend/secret.ts";
import type { CrdReferrer } from "./placed-ref.ts";
import type { Translation } from "./translation.ts";

/** A name in a field, and what is to be read under it. */
export interface NamedValues<T> {
  /** Default: Secret. */
  readonly kind?: "Secret" | "ConfigMap";
  readonly name: string;
  readonly path: FieldPath;
  readonly read: (values: Values) => Read<T>;
}

/** @returns undefined when it can't be had, which has been reported */
export function readValues<T>(translation: Translation, named: NamedValues<T>, referrer: CrdReferrer): T | undefined {
  const { kind = "Secret", name, path, read } = named;
  const reference = { kind, name, namespace: undefined, path, crossProvider: false };
  return findValues(translation, { reference, read }, referrer);
}

/** Certificate and key of a TLS Secret. */
export function readKeyPair(
  translation: Translation,
  { name, path }: { readonly name: string; readonly path: FieldPath },
  referrer: CrdReferrer,
): KeyPair | undefined {
  const pair = readValues(translation, { name, path, read: keyPairOf }, referrer);
  return pair && { certificate: { text: pair.certificate }, privateKey: { text: pair.privateKey } };
}

/** Certificate authorities. */
export function readAuthority(
  translation: Translation,
  named: Omit<NamedValues<string>, "read">,
  referrer: CrdReferrer,
): PemSource | undefined {
  const text = readValues(translation, { ...named, read: authoritiesOf }, referrer);
  return text === undefined ? undefined : { text };
}
