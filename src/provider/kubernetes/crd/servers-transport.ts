// ServersTransport objects → servers transports of the dynamic configuration.

import { toServersTransport } from "../../../config/decode-part.ts";
import type { KubeObject } from "../store/object.ts";
import { displayName } from "./names.ts";
import { sourceOf } from "./parse.ts";
import type { TraefikGroup } from "./schemas.ts";
import { objectKey, type Translation } from "./translation.ts";

/** Fields that need Secrets or TLS, which weir does not use towards servers yet. */
const withoutEffect = [
  "rootCAs",
  "rootCAsSecrets",
  "certificatesSecrets",
  "cipherSuites",
  "minVersion",
  "maxVersion",
  "peerCertURI",
  "peerCertSANs",
  "spiffe",
] as const;

/** Adds one object to the configuration, or what is wrong with it to the problems. */
export function translateServersTransport(translation: Translation, object: KubeObject, group: TraefikGroup): void {
  const { value, problems } = translation.parser.serversTransport(object);
  translation.problems.push(...problems);
  if (value === undefined) return;
  const { namespace, name } = object.metadata;
  const source = sourceOf(object);
  for (const field of withoutEffect) {
    if (value[field] === undefined) continue;
    translation.report(source, ["spec", field], {
      severity: "warning",
      code: "unsupported-field",
      message: `"${field}" has no effect yet`,
    });
  }
  translation.serversTransports[objectKey("ServersTransport", group, namespace, name)] = {
    ...toServersTransport({ ...value, rootCAs: [], maxIdleConnsPerHost: Math.max(0, value.maxIdleConnsPerHost) }),
    displayName: displayName(namespace, name),
    source,
  };
}
