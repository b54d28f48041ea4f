// Recognises how PostgreSQL clients ask for encryption before TLS: eight bytes, answered with one.

/** What a connection's first bytes ask for. `none`: it is not one of these requests. */
export type PostgresStart = "more" | "none" | "tls" | "gss";

/** Bytes of either request. Nothing may follow before the answer: such bytes were put in by somebody (CVE-2021-23214). */
export const POSTGRES_REQUEST_LENGTH = 8;

/** The answer that lets the client go on with its ClientHello. */
export const POSTGRES_YES = "S";

/** The answer to a request for GSSAPI encryption, after which the client asks for TLS or goes on in clear. */
export const POSTGRES_NO = "N";

const COMMON = [0, 0, 0, 8, 0x04, 0xd2, 0x16] as const;
const TLS_CODE = 0x2f; // 80877103, SSLRequest
const GSS_CODE = 0x30; // 80877104, GSSENCRequest

/** Looks at a connection's first bytes; bytes after the request are the caller's to refuse. */
export function readPostgresStart(bytes: Uint8Array): PostgresStart {
  const known = Math.min(bytes.length, COMMON.length);
  for (let at = 0; at < known; at++) {
    if (bytes[at] !== COMMON[at]) return "none";
  }
  if (bytes.length < POSTGRES_REQUEST_LENGTH) return "more";
  if (bytes[COMMON.length] === TLS_CODE) return "tls";
  return bytes[COMMON.length] === GSS_CODE ? "gss" : "none";
}
