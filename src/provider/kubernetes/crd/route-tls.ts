// `tls` of a route of HTTP or TCP → its options, its certificate, and what is asked of a certificate resolver.

import type { RouterTls } from "../../../config/dynamic-tls.ts";
import { findCertificate, type SecretName } from "../backend/certificate.ts";
import { keyOf } from "../names.ts";
import type { CrdReferrer } from "./placed-ref.ts";
import type { RouteTlsSpec } from "./schema-common.ts";
import type { Translation } from "./translation.ts";

/** TLS of all routes of one object. */
export interface TranslatedTls {
  readonly tls: RouterTls;
  /** What is wrong or missing: routes with it are closed, and never served with other options or another certificate. */
  readonly errors: readonly string[];
}

const PATH = ["spec", "tls"];
const SECRET_PATH = [...PATH, "secretName"];

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
    ...(certificate !== undefined && { certificates: [certificate], certificatesPath: SECRET_PATH }),
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
  return addCertificate(translation, { name: secretName, path: SECRET_PATH }, referrer);
}

/** Adds the certificate of a Secret to the configuration. @returns its key; undefined when it can't be had */
export function addCertificate(
  translation: Translation,
  secret: SecretName,
  referrer: CrdReferrer,
): string | undefined {
  const certificate = findCertificate(translation, secret, referrer);
  if (certificate === undefined) return undefined;
  const key = keyOf("Secret", referrer.namespace, secret.name);
  translation.sections.certificates[key] = certificate;
  return key;
}
