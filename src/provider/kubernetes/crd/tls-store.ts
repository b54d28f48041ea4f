// TLSStore objects → TLS stores of the dynamic configuration, and the certificates in them.

import { quoteValue } from "../../../schema/issues.ts";
import { toTlsStore } from "../../../config/tls-part.ts";
import { findKeyPair } from "../backend/certificate.ts";
import { displayName } from "../names.ts";
import { sourceOf } from "../parse.ts";
import type { KubeObject } from "../store/object.ts";
import type { TraefikGroup } from "../traefik-group.ts";
import { addCertificate } from "./route-tls.ts";
import { objectKey, type Translation } from "./translation.ts";

/** The only store that Traefik honours. */
const DEFAULT = "default";

/** Adds one object to the configuration, or what is wrong with it to the problems. */
export function translateTlsStore(translation: Translation, object: KubeObject, group: TraefikGroup): void {
  const { value, problems } = translation.parser.traefik.TLSStore(object);
  translation.problems.push(...problems);
  if (value === undefined) return;
  const { namespace, name } = object.metadata;
  const source = sourceOf(object);
  if (name !== DEFAULT) {
    translation.report(source, ["metadata", "name"], {
      severity: "warning",
      code: "no-effect",
      message: `the store ${quoteValue(name)} is accepted, without effect`,
      hint: 'only the store "default" is used',
    });
    return;
  }
  const key = objectKey("TLSStore", group, namespace, name);
  const referrer = { key, group, namespace, source };
  for (const [index, { secretName }] of (value.certificates ?? []).entries()) {
    addCertificate(translation, { name: secretName, path: ["spec", "certificates", index, "secretName"] }, referrer);
  }
  const wanted = value.defaultCertificate;
  const { result: found, errors } = translation.errorsOf(() =>
    wanted &&
    findKeyPair(translation, { name: wanted.secretName, path: ["spec", "defaultCertificate", "secretName"] }, referrer)
  );
  const defects = [...errors, ...found?.defects ?? []];
  translation.sections.tlsStores[key] = {
    ...toTlsStore({ defaultGeneratedCert: value.defaultGeneratedCert }),
    ...(found !== undefined && { defaultCertificate: found.pair }),
    ...(defects.length > 0 && { defects }),
    isDefault: true,
    displayName: displayName(namespace, name),
    source,
  };
}
