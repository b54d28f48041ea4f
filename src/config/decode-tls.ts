// The parts of the `tls` section of a file.

import { sha256Hex } from "../net/hash.ts";
import type { FieldPath } from "../schema/path.ts";
import type { Problem } from "../schema/problem.ts";
import { check, decodeWith } from "./decode-check.ts";
import type { DecodePart } from "./decode-check.ts";
import type { PemSource, TlsCertificate, TlsOptions, TlsStore } from "./dynamic-tls.ts";
import { brokenTlsOptions, tlsOptionsFaults, toCertificate, toTlsOptions, toTlsStore } from "./tls-part.ts";
import { certificateSchema, tlsOptionsSchema, tlsStoreSchema } from "./tls-schema.ts";

const DEFAULT = "default";

/** A certificate. */
export const decodeCertificate: DecodePart<TlsCertificate> = decodeWith(
  "certificate",
  certificateSchema,
  (data) => {
    const certificate = toCertificate(data);
    return "file" in certificate.certificate
      ? { ...certificate, displayName: certificate.certificate.file }
      : certificate;
  },
);

/** What a certificate is kept under: files have no names for them, and the same one may stand in several. */
export function certificateKey({ certificate, privateKey }: TlsCertificate): string {
  const textOf = (source: PemSource): string => "file" in source ? `file ${source.file}` : `text ${source.text}`;
  return sha256Hex(JSON.stringify([textOf(certificate), textOf(privateKey)])).slice(0, 20);
}

/**
 * Options. Broken ones stay, as such: routers must neither serve with others, nor with none, in their place.
 */
export const decodeTlsOptions: DecodePart<TlsOptions> = (input, path) => {
  const { data, problems } = check("set of TLS options", tlsOptionsSchema, input);
  const options = data === undefined ? undefined : toTlsOptions(data);
  const faults = options === undefined ? [] : tlsOptionsFaults(options).map(toProblem);
  const all = [...problems, ...faults];
  const errors = all.filter(({ severity }) => severity === "error").map(({ message }) => message);
  const part = options === undefined || errors.length > 0 ? brokenTlsOptions(errors) : options;
  return { part: isDefault(path) ? { ...part, isDefault: true } : part, problems: all };
};

/** A store. */
export const decodeTlsStore: DecodePart<TlsStore> = (input, path) => {
  const { data, problems } = check("store", tlsStoreSchema, input);
  if (data === undefined) return { problems };
  if (isDefault(path)) return { part: { ...toTlsStore(data), isDefault: true }, problems };
  const unused: Problem = {
    severity: "warning",
    code: "no-effect",
    message: `the store ${JSON.stringify(String(path.at(-1)))} is accepted, without effect`,
    hint: 'only the store "default" is used',
  };
  return { part: toTlsStore(data), problems: [...problems, unused] };
};

function toProblem({ path, message }: { readonly path: FieldPath; readonly message: string }): Problem {
  return { severity: "error", code: "invalid-value", message, path };
}

function isDefault(path: FieldPath): boolean {
  return path.at(-1) === DEFAULT;
}
