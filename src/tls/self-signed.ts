// The certificate of last resort: self-signed, made once per process, for clients that no other certificate is for.

import { concat } from "../net/bytes.ts";
import { toPem } from "../net/certificate.ts";
import { TAG } from "../net/der.ts";
import type { IdentityText } from "../net/tls.ts";
import { derInteger, derOid, derText, derTime, derValue } from "./der-writer.ts";

/** Its common name, after Traefik's `TRAEFIK DEFAULT CERT`. */
export const SELF_SIGNED_NAME = "WEIR DEFAULT CERT";

const VALID_MS = 365 * 24 * 60 * 60 * 1000; // as Traefik's
const SKEW_MS = 60 * 60 * 1000; // a client whose clock is behind

const OID = {
  commonName: "2.5.4.3",
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  subjectAltName: "2.5.29.17",
  keyUsage: "2.5.29.15",
  basicConstraints: "2.5.29.19",
  extendedKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
};

const UTF8_STRING = 0x0c;
const BIT_STRING = 0x03;
const CONTEXT_0 = 0xa0;
const CONTEXT_3 = 0xa3;
const DNS_NAME = 0x82;
/** The label in a PEM block's armour. */
const LABEL = /(?<=-----(?:BEGIN|END) )CERTIFICATE(?=-----)/g;
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/**
 * Makes a key and its certificate. An elliptic curve's: RSA takes a hundred times as long to make, and more to use.
 * @param now milliseconds since 1970
 */
export async function createSelfSigned(now: number): Promise<IdentityText> {
  const { subtle } = crypto;
  const pair = await subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const publicKey = new Uint8Array(await subtle.exportKey("spki", pair.publicKey));
  const privateKey = new Uint8Array(await subtle.exportKey("pkcs8", pair.privateKey));
  const body = certificateBody(publicKey, now);
  const signature = new Uint8Array(await subtle.sign(ALGORITHM, pair.privateKey, new Uint8Array(body)));
  const certificate = derValue(TAG.sequence, body, signatureAlgorithm(), bitString(toDerSignature(signature)));
  return { cert: toPem(certificate), key: toPem(privateKey).replace(LABEL, "PRIVATE KEY") };
}

function certificateBody(publicKey: Uint8Array, now: number): Uint8Array {
  const serial = randomBytes(16);
  serial[0] = (serial[0] ?? 0) & 0x7f | 0x40; // positive, and of full length
  const name = derValue(
    TAG.sequence,
    derValue(TAG.set, derValue(TAG.sequence, derOid(OID.commonName), derText(UTF8_STRING, SELF_SIGNED_NAME))),
  );
  return derValue(
    TAG.sequence,
    derValue(CONTEXT_0, derInteger(Uint8Array.of(2))), // version 3
    derInteger(serial),
    signatureAlgorithm(),
    name,
    derValue(TAG.sequence, derTime(now - SKEW_MS), derTime(now + VALID_MS)),
    name,
    publicKey,
    derValue(CONTEXT_3, extensions()),
  );
}

function extensions(): Uint8Array {
  const host = `${hex(randomBytes(16))}.${hex(randomBytes(16))}.weir.default`;
  return derValue(
    TAG.sequence,
    extension(OID.basicConstraints, derValue(TAG.sequence), true),
    extension(OID.keyUsage, derValue(BIT_STRING, Uint8Array.of(7, 0x80)), true), // digitalSignature
    extension(OID.extendedKeyUsage, derValue(TAG.sequence, derOid(OID.serverAuth))),
    extension(OID.subjectAltName, derValue(TAG.sequence, derText(DNS_NAME, host))),
  );
}

function extension(oid: string, value: Uint8Array, isCritical = false): Uint8Array {
  const critical = isCritical ? [derValue(TAG.boolean, Uint8Array.of(0xff))] : [];
  return derValue(TAG.sequence, derOid(oid), ...critical, derValue(TAG.octets, value));
}

function signatureAlgorithm(): Uint8Array {
  return derValue(TAG.sequence, derOid(OID.ecdsaWithSha256));
}

/** WebCrypto gives r and s side by side; X.509 wants them as a sequence. */
function toDerSignature(raw: Uint8Array): Uint8Array {
  const half = raw.length / 2;
  return derValue(TAG.sequence, derInteger(raw.subarray(0, half)), derInteger(raw.subarray(half)));
}

function bitString(bytes: Uint8Array): Uint8Array {
  return derValue(BIT_STRING, concat([Uint8Array.of(0), bytes]));
}

function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(length));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
