// `tls` of a route of HTTP or TCP → its options, its certificate, and what is asked of a certificate resolver.

import type { RouterTls } from "../../../config/dynamic-tls.ts";
import { displayName, keyOf } from "../names.ts";
import type { CrdReferrer } from "./placed-ref.ts";
import type { RouteTlsSpec } from "./schema-common.ts";
import { readKeyPair } from "./secrets.ts";
import type { Translation } from "./translation.ts";

/** TLS of all routes of one object. */
export interface TranslatedTls {
  readonly tls: RouterTls;
  /** What is wrong: routes with it are closed, and never served with other options or another certificate. */
  readonly errors: readonly string[];
}

const PATH = ["spec", "tls"];

/** Translates `spec.tls`; what is wrong with it has been reported. */
export function translateRouteTls(translation: Translation, spec: RouteTlsSpec, referrer: CrdReferrer): TranslatedTls {
  const { result, errors } = translation.errorsOf(() => ({
    options: optionsOf(translation, spec, referrer),
    certificate: certificateOf(translation, spec, referrer),
  }));
  const { options, certificate } = result;
  const domains = (spec.domains ?? []).flatMap(({ main, sans }) =>
    main === undefined ? [] : [{ main, ...(sans !== undefined && { sans }) }]
  );
  const tls = {
    ...(options !== undefined && { options }),
    ...(spec.certResolver !== undefined && { certResolver: spec.certResolver }),
    ...(domains.length > 0 && { domains }),
    ...(certificate !== undefined && { certificates: [certificate] }),
  };
  return { tls, errors };
}

function optionsOf(translation: Translation, { options }: RouteTlsSpec, referrer: CrdReferrer): string | undefined {
  if (options === undefined) return undefined;
  const { name, namespace } = options;
  if (name === "default") return name; // the global one, whatever the namespace
  const path = [...PATH, "options"];
  return translation.resolve({
    kind: "TLSOption",
    name,
    namespace,
    path: [...path, "name"],
    namespacePath: [...path, "namespace"],
    crossProvider: true,
  }, referrer);
}

/** Adds the certificate to the configuration. @returns its key */
function certificateOf(translation: Translation, { secretName }: RouteTlsSpec, referrer: CrdReferrer) {
  if (secretName === undefined || secretName === "") return undefined;
  return addCertificate(translation, { name: secretName, path: [...PATH, "secretName"] }, referrer);
}

/** Adds the certificate of a Secret to the configuration. @returns its key; undefined when it can't be had */
export function addCertificate(
  translation: Translation,
  named: { readonly name: string; readonly path: readonly (string | number)[] },
  referrer: CrdReferrer,
): string | undefined {
  const pair = readKeyPair(translation, named, referrer);
  if (pair === undefined) return undefined;
  const { namespace } = referrer;
  const { name } = named;
  const key = keyOf("Secret", namespace, name);
  translation.sections.certificates[key] = {
    ...pair,
    displayName: displayName(namespace, name),
    source: { type: "object", apiVersion: "v1", kind: "Secret", namespace, name },
  };
  return key;
}
