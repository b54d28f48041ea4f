// ServersTransport and ServersTransportTCP objects → transports of the dynamic configuration.

import { toServersTransport } from "../../../config/decode-part.ts";
import type { ClientTls, KeyPair, PemSource } from "../../../config/dynamic-tls.ts";
import { toTcpServersTransport } from "../../../config/l4-part.ts";
import type { FieldPath } from "../../../schema/path.ts";
import { displayName } from "../names.ts";
import { sourceOf } from "../parse.ts";
import type { KubeObject } from "../store/object.ts";
import type { TraefikGroup } from "../traefik-group.ts";
import type { CrdReferrer } from "./placed-ref.ts";
import { readAuthority, readKeyPair } from "./secrets.ts";
import { objectKey, type Translation } from "./translation.ts";

/**
 * Adds one object to the configuration. One that lacks an authority or a certificate stays, as broken: services that
 * need it are not served with less than it asks for.
 */
export function translateServersTransport(translation: Translation, object: KubeObject, group: TraefikGroup): void {
  const { value, problems } = translation.parser.traefik.ServersTransport(object);
  translation.problems.push(...problems);
  if (value === undefined) return;
  const { namespace, name } = object.metadata;
  const source = sourceOf(object);
  const key = objectKey("ServersTransport", group, namespace, name);
  const { result, errors } = secretsOf(translation, { ...value, path: ["spec"] }, { key, group, namespace, source });
  const input = { ...value, rootCAs: [], maxIdleConnsPerHost: Math.max(0, value.maxIdleConnsPerHost) };
  translation.sections.serversTransports[key] = {
    ...toServersTransport(input),
    ...result,
    ...(errors.length > 0 && { defects: errors }),
    displayName: displayName(namespace, name),
    source,
  };
}

/** Adds one object to the configuration, likewise. */
export function translateServersTransportTcp(translation: Translation, object: KubeObject, group: TraefikGroup): void {
  const { value, problems } = translation.parser.traefik.ServersTransportTCP(object);
  translation.problems.push(...problems);
  if (value === undefined) return;
  const { namespace, name } = object.metadata;
  const source = sourceOf(object);
  const key = objectKey("ServersTransportTCP", group, namespace, name);
  const { tls, ...rest } = value;
  const { result, errors } = secretsOf(translation, { ...tls, path: ["spec", "tls"] }, {
    key,
    group,
    namespace,
    source,
  });
  const transport = toTcpServersTransport({ ...rest, tls: tls && { ...tls, rootCAs: [] } });
  translation.sections.tcpServersTransports[key] = {
    ...transport,
    ...(transport.tls !== undefined && { tls: { ...transport.tls, ...result } }),
    ...(errors.length > 0 && { defects: errors }),
    displayName: displayName(namespace, name),
    source,
  };
}

/** The fields that name Secrets and ConfigMaps, and where they stand. */
interface TransportSecrets {
  readonly rootCAs?:
    | readonly { readonly secret?: string | undefined; readonly configMap?: string | undefined }[]
    | undefined;
  readonly rootCAsSecrets?: readonly string[] | undefined;
  readonly certificatesSecrets?: readonly string[] | undefined;
  readonly path: FieldPath;
}

function secretsOf(translation: Translation, secrets: TransportSecrets, referrer: CrdReferrer) {
  return translation.errorsOf((): Pick<ClientTls, "rootCAs" | "certificates"> => {
    const certificates = certificatesOf(translation, secrets, referrer);
    const rootCAs = [...rootCAsOf(translation, secrets, referrer), ...oldRootCAsOf(translation, secrets, referrer)];
    return { rootCAs, ...(certificates.length > 0 && { certificates }) };
  });
}

/** One of `secret` and `configMap` in each. */
function rootCAsOf(translation: Translation, { rootCAs = [], path }: TransportSecrets, referrer: CrdReferrer) {
  const authorities: PemSource[] = [];
  for (const [index, { secret, configMap }] of rootCAs.entries()) {
    const at = [...path, "rootCAs", index];
    if ((secret === undefined) === (configMap === undefined)) {
      translation.report(referrer.source, at, {
        code: "not-exactly-one",
        message: `"rootCAs" must have exactly one of secret, configMap, got ${secret === undefined ? "none" : "both"}`,
      });
      continue;
    }
    const named = secret === undefined
      ? { kind: "ConfigMap" as const, name: configMap ?? "", path: [...at, "configMap"] }
      : { name: secret, path: [...at, "secret"] };
    const authority = readAuthority(translation, named, referrer);
    if (authority !== undefined) authorities.push(authority);
  }
  return authorities;
}

function oldRootCAsOf(translation: Translation, secrets: TransportSecrets, referrer: CrdReferrer): PemSource[] {
  const { rootCAsSecrets = [], path } = secrets;
  return rootCAsSecrets
    .map((name, index) => readAuthority(translation, { name, path: [...path, "rootCAsSecrets", index] }, referrer))
    .filter((authority) => authority !== undefined);
}

function certificatesOf(translation: Translation, secrets: TransportSecrets, referrer: CrdReferrer): KeyPair[] {
  const { certificatesSecrets = [], path } = secrets;
  return certificatesSecrets
    .map((name, index) => readKeyPair(translation, { name, path: [...path, "certificatesSecrets", index] }, referrer))
    .filter((pair) => pair !== undefined);
}
