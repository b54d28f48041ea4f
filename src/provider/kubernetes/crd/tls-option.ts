// TLSOption objects → TLS options of the dynamic configuration.

import type { PemSource, TlsOptions } from "../../../config/dynamic-tls.ts";
import { brokenTlsOptions, tlsOptionsFaults, toClientAuth, toTlsOptions } from "../../../config/tls-part.ts";
import { displayName } from "../names.ts";
import { sourceOf } from "../parse.ts";
import type { KubeObject } from "../store/object.ts";
import type { TraefikGroup } from "../traefik-group.ts";
import type { CrdReferrer } from "./placed-ref.ts";
import type { TlsOptionSpec } from "./schema-tls.ts";
import { readAuthority } from "./secrets.ts";
import { objectKey, type Translation } from "./translation.ts";

/** The one that routers get which name none, whatever its namespace. */
const DEFAULT = "default";

/**
 * Adds one object to the configuration. A broken one stays, as such: routers that need it are closed, and neither
 * served with other options nor without (CVE-2022-46153).
 */
export function translateTlsOption(translation: Translation, object: KubeObject, group: TraefikGroup): void {
  const { namespace, name } = object.metadata;
  const source = sourceOf(object);
  const key = objectKey("TLSOption", group, namespace, name);
  const { result, errors } = translation.errorsOf(() => {
    const { value, problems } = translation.parser.traefik.TLSOption(object);
    translation.problems.push(...problems);
    return value && optionsOf(translation, value, { key, group, namespace, source });
  });
  translation.sections.tlsOptions[key] = {
    ...(result === undefined || errors.length > 0 ? brokenTlsOptions(errors) : result),
    ...(name === DEFAULT && { isDefault: true }),
    displayName: displayName(namespace, name),
    source,
  };
}

function optionsOf(translation: Translation, spec: TlsOptionSpec, referrer: CrdReferrer): TlsOptions {
  const { clientAuth, ...rest } = spec;
  const authorities: PemSource[] = [];
  for (const [index, name] of (clientAuth?.secretNames ?? []).entries()) {
    const path = ["spec", "clientAuth", "secretNames", index];
    const authority = readAuthority(translation, { name, path }, referrer);
    if (authority !== undefined) authorities.push(authority);
  }
  const options = {
    ...toTlsOptions({ ...rest, clientAuth: undefined }),
    ...(clientAuth !== undefined && { clientAuth: toClientAuth(authorities, clientAuth.clientAuthType) }),
  };
  for (const { path, message } of tlsOptionsFaults(options)) {
    const text = message.replace('"caFiles"', '"secretNames"');
    translation.report(referrer.source, ["spec", ...path], { code: "invalid-value", message: text });
  }
  return options;
}
