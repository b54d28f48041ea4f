// Reads a TLS ClientHello out of a connection's first bytes: what routing and the choice of a certificate need of it.

import { concat, toLatin1 } from "./bytes.ts";

/** What a client says of itself before TLS begins. Numbers are those of the IANA registries, GREASE left out. */
export interface ClientHello {
  /** Lower case, without a trailing dot; empty: the client names no server. */
  readonly serverName: string;
  /** In the client's order; empty: it offers none. */
  readonly alpn: readonly string[];
  /** 0x0304 is TLS 1.3, in the client's order. */
  readonly versions: readonly number[];
  readonly ciphers: readonly number[];
  /** Signature schemes; empty: the client lists none, which before TLS 1.2 was usual. */
  readonly signatures: readonly number[];
  /** Groups for the key exchange. */
  readonly groups: readonly number[];
  /** It asks for the certificate of an ACME tls-alpn-01 challenge (RFC 8737). */
  readonly isAcme: boolean;
}

/** What {@link ClientHelloReader} says of the bytes so far. */
export type HelloResult =
  | { readonly kind: "more" }
  | { readonly kind: "not-tls" }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "hello"; readonly hello: ClientHello };

/** Kinds of keys that certificates have. */
export type KeyKind = "rsa" | "ec" | "ed25519";

/** The most bytes that records with a ClientHello may take; whoever needs more is up to something. */
export const HELLO_LIMIT = 64 * 1024;

const RECORD_HEAD = 5;
const HANDSHAKE_HEAD = 4;
const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
/** RFC 8446 §5.1: a plaintext record holds no more. */
const RECORD_LIMIT = 1 << 14;
const NAME_LIMIT = 253;
const ACME_PROTOCOL = "acme-tls/1";
const TLS13 = 0x0304;

const EXTENSION = { serverName: 0, groups: 10, signatures: 13, alpn: 16, versions: 43 } as const;

const MORE: HelloResult = { kind: "more" };
const NOT_TLS: HelloResult = { kind: "not-tls" };

/** Follows one connection. Looks at each record once, and parses when the last one is there. */
export class ClientHelloReader {
  /** Where the next record begins. */
  #at = 0;
  /** The handshake message, from the records so far. */
  #parts: Uint8Array[] = [];
  #length = 0;
  /** Bytes of the whole message, once its head is known. */
  #wanted = HANDSHAKE_HEAD;

  /** @param bytes everything received so far: what an earlier call was given, and what came since */
  read(bytes: Uint8Array): HelloResult {
    const first = looksLikeTls(bytes);
    if (first !== undefined) return first;
    for (;;) {
      const result = this.#readRecord(bytes);
      if (result !== undefined) return result;
    }
  }

  /** @returns undefined when a whole record was taken, and the message is not complete */
  #readRecord(bytes: Uint8Array): HelloResult | undefined {
    const at = this.#at;
    if (at > HELLO_LIMIT) return refused(`its records exceed ${HELLO_LIMIT} bytes`);
    if (bytes.length < at + RECORD_HEAD) return MORE;
    if (bytes[at] !== HANDSHAKE_RECORD || bytes[at + 1] !== 3) return refused("another record interrupts it");
    const length = read16(bytes, at + 3);
    if (length === 0 || length > RECORD_LIMIT) return refused(`a record has a length of ${length}`);
    const isFirst = this.#parts.length === 0;
    if (isFirst && bytes.length > at + RECORD_HEAD && bytes[at + RECORD_HEAD] !== CLIENT_HELLO) {
      return refused(`the first handshake message has type ${bytes[at + RECORD_HEAD]}, not ${CLIENT_HELLO}`);
    }
    const end = at + RECORD_HEAD + length;
    if (bytes.length < end) return MORE;
    this.#at = end;
    this.#parts.push(bytes.slice(at + RECORD_HEAD, end));
    this.#length += length;
    return this.#parse();
  }

  #parse(): HelloResult | undefined {
    if (this.#length < this.#wanted) return undefined;
    const message = concat(this.#parts);
    this.#parts = [message];
    this.#wanted = HANDSHAKE_HEAD + read24(message, 1);
    if (this.#wanted > HELLO_LIMIT) return refused(`it has ${this.#wanted} bytes, and the limit is ${HELLO_LIMIT}`);
    if (message.length < this.#wanted) return undefined;
    if (message.length > this.#wanted) return refused("something follows it in its record");
    return parseHello(message);
  }
}

/**
 * Tells whether the client can use a certificate with such a key. A server that has several for one name takes the
 * first that it can; TLS stacks with room for one certificate only need to be told.
 */
export function acceptsKey(hello: ClientHello, kind: KeyKind): boolean {
  const isTls13 = hello.versions.includes(TLS13);
  if (hello.signatures.length === 0) return kind === "rsa"; // RFC 5246 §7.4.1.4.1
  if (!hello.signatures.some((scheme) => SCHEMES[kind](scheme))) return false;
  return isTls13 || hello.ciphers.some(kind === "rsa" ? isRsaCipher : isEcdsaCipher);
}

const SCHEMES: Readonly<Record<KeyKind, (scheme: number) => boolean>> = {
  rsa: (scheme) => (scheme & 0xff) === 1 || (scheme >= 0x0804 && scheme <= 0x0806),
  ec: (scheme) => (scheme & 0xff) === 3,
  ed25519: (scheme) => scheme === 0x0807,
};

/** Suites up to TLS 1.2 whose server signs with ECDSA or EdDSA: RFC 8422, 5289, 7251, 7905. */
function isEcdsaCipher(id: number): boolean {
  return [0xc02b, 0xc02c, 0xcca9, 0xc009, 0xc00a, 0xc023, 0xc024, 0xc0ac, 0xc0ad, 0xc0ae, 0xc0af, 0xc008]
    .includes(id);
}

/** Anything below TLS 1.3's own suites that is not for ECDSA; the TLS stack has the last word. */
function isRsaCipher(id: number): boolean {
  return id >> 8 !== 0x13 && !isEcdsaCipher(id);
}

/** @returns undefined: go on */
function looksLikeTls(bytes: Uint8Array): HelloResult | undefined {
  if (bytes.length === 0) return MORE;
  if (bytes[0] !== HANDSHAKE_RECORD) return NOT_TLS;
  if (bytes.length > 1 && bytes[1] !== 3) return NOT_TLS;
  return undefined;
}

function refused(reason: string): HelloResult {
  return { kind: "refused", reason: `malformed TLS ClientHello: ${reason}` };
}

function parseHello(message: Uint8Array): HelloResult {
  try {
    return { kind: "hello", hello: readHello(new Cursor(message, HANDSHAKE_HEAD, message.length)) };
  } catch (thrown) {
    if (thrown instanceof Refusal) return refused(thrown.reason);
    throw thrown;
  }
}

function readHello(cursor: Cursor): ClientHello {
  const legacyVersion = cursor.take16();
  cursor.skip(32); // random
  const sessionId = cursor.take(cursor.take8());
  if (sessionId.length > 32) throw new Refusal("its session id is too long");
  const ciphers = cursor.take(cursor.take16()).all16();
  const compressions = cursor.take(cursor.take8());
  if (ciphers.length === 0) throw new Refusal("it offers no cipher suite");
  if (compressions.length === 0) throw new Refusal("it offers no compression method, not even none");
  const extensions = cursor.isDone ? new Map<number, Cursor>() : readExtensions(cursor.take(cursor.take16()));
  if (!cursor.isDone) throw new Refusal("something follows its extensions");
  const alpn = readAlpn(extensions.get(EXTENSION.alpn));
  const versions = extensions.get(EXTENSION.versions);
  return {
    serverName: readServerName(extensions.get(EXTENSION.serverName)),
    alpn,
    versions: versions === undefined ? [legacyVersion] : versions.whole(versions.take8()).all16().filter(isReal),
    ciphers: ciphers.filter(isReal),
    signatures: readList(extensions.get(EXTENSION.signatures)),
    groups: readList(extensions.get(EXTENSION.groups)),
    isAcme: alpn.includes(ACME_PROTOCOL),
  };
}

function readExtensions(cursor: Cursor): Map<number, Cursor> {
  const found = new Map<number, Cursor>();
  while (!cursor.isDone) {
    const type = cursor.take16();
    if (found.has(type)) throw new Refusal(`extension ${type} comes twice`);
    found.set(type, cursor.take(cursor.take16()));
  }
  return found;
}

function readList(extension: Cursor | undefined): number[] {
  return extension === undefined ? [] : extension.whole(extension.take16()).all16().filter(isReal);
}

function readAlpn(extension: Cursor | undefined): string[] {
  if (extension === undefined) return [];
  const list = extension.whole(extension.take16());
  const protocols: string[] = [];
  while (!list.isDone) {
    const name = list.take(list.take8()).text();
    if (name === "") throw new Refusal("it offers an ALPN protocol without a name");
    if (!isGreaseText(name)) protocols.push(name);
  }
  if (list.length === 0) throw new Refusal("its ALPN list is empty");
  return protocols;
}

function readServerName(extension: Cursor | undefined): string {
  if (extension === undefined) return "";
  const list = extension.whole(extension.take16());
  const type = list.take8();
  const name = list.take(list.take16()).text();
  if (type !== 0) throw new Refusal(`its server name has the unknown type ${type}`);
  if (!list.isDone) throw new Refusal("it names several servers");
  const plain = (name.endsWith(".") ? name.slice(0, -1) : name).toLowerCase();
  if (!isHostName(plain)) throw new Refusal(`its server name ${JSON.stringify(name.slice(0, 64))} is no host name`);
  return plain;
}

/** Labels of letters, digits, hyphens and (as clusters have them) underscores. */
function isHostName(name: string): boolean {
  return name.length <= NAME_LIMIT && /^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/.test(name);
}

/** Not one of the values that clients put in to keep servers tolerant (RFC 8701). */
function isReal(value: number): boolean {
  return (value & 0x0f0f) !== 0x0a0a || value >> 8 !== (value & 0xff);
}

function isGreaseText(name: string): boolean {
  return name.length === 2 && !isReal(name.charCodeAt(0) * 256 + name.charCodeAt(1));
}

/** Carries a reason out of the parsing of one message, and no further. */
class Refusal {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** Reads forward through a part of the message and never past its end. */
class Cursor {
  readonly #bytes: Uint8Array;
  readonly #start: number;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
    this.#at = start;
  }

  get isDone(): boolean {
    return this.#at === this.#end;
  }

  get length(): number {
    return this.#end - this.#start;
  }

  take8(): number {
    this.skip(1);
    return this.#bytes[this.#at - 1] ?? 0;
  }

  take16(): number {
    this.skip(2);
    return read16(this.#bytes, this.#at - 2);
  }

  take(length: number): Cursor {
    const start = this.#at;
    this.skip(length);
    return new Cursor(this.#bytes, start, this.#at);
  }

  /** What is left, which must be that long. */
  whole(length: number): Cursor {
    const part = this.take(length);
    if (!this.isDone) throw new Refusal("a length does not fit");
    return part;
  }

  skip(length: number): void {
    if (this.#at + length > this.#end) throw new Refusal("a length does not fit");
    this.#at += length;
  }

  all16(): number[] {
    const values: number[] = [];
    while (!this.isDone) values.push(this.take16());
    return values;
  }

  text(): string {
    return toLatin1(this.#bytes, this.#start, this.#end);
  }
}

function read16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) * 0x100 + (bytes[at + 1] ?? 0);
}

function read24(bytes: Uint8Array, at: number): number {
  return read16(bytes, at) * 0x100 + (bytes[at + 2] ?? 0);
}
