// Which certificate a client is shown: by the server name it asks for, by what it can verify, and by age.

import { acceptsKey, type ClientHello, type KeyKind } from "../net/client-hello.ts";
import { canonicalIp } from "../net/ip-text.ts";
import { isFor, type TlsIdentity } from "../net/tls.ts";

/** What a store is made of. */
export interface StoreContents {
  readonly identities: Iterable<TlsIdentity>;
  /** Shown where no other fits; undefined: such clients are refused. */
  readonly fallback: TlsIdentity | undefined;
}

/** Cheapest first: of two certificates that a client can use alike, the key decides what a handshake costs. */
const KIND_RANK: Readonly<Record<KeyKind, number>> = { ec: 0, ed25519: 1, rsa: 2 };

const NONE: readonly TlsIdentity[] = [];

/**
 * Immutable; a change of the configuration makes another one.
 *
 * Of several certificates for a name, a client gets one whose key it can use; of those, one that is valid now before
 * one that is not; of those, an elliptic curve's before RSA's; of those, the newest: the one that became valid last.
 */
export class CertificateStore {
  readonly #exact = new Map<string, TlsIdentity[]>();
  /** By what follows the first label. */
  readonly #wildcard = new Map<string, TlsIdentity[]>();
  readonly #fallback: TlsIdentity | undefined;

  constructor({ identities, fallback }: StoreContents) {
    this.#fallback = fallback;
    for (const identity of identities) this.#add(identity);
    for (const list of [...this.#exact.values(), ...this.#wildcard.values()]) list.sort(compare);
  }

  /**
   * Chooses for one handshake.
   * @param localIp where the client connected to: what it asks for when it names no server
   * @param now milliseconds since 1970
   * @param isStrict the fallback is for the names in it only
   * @returns undefined: no certificate is for that client
   */
  choose(hello: ClientHello, localIp: string, now: number, isStrict = false): TlsIdentity | undefined {
    const name = hello.serverName === "" ? canonicalIp(localIp) ?? "" : hello.serverName;
    const exact = this.#exact.get(name) ?? NONE;
    const wildcard = this.#wildcard.get(parentOf(name)) ?? NONE;
    const chosen = pick(exact, hello, now) ?? pick(wildcard, hello, now) ?? exact[0] ?? wildcard[0];
    if (chosen !== undefined) return chosen;
    const fallback = this.#fallback;
    return !isStrict || (fallback !== undefined && isFor(fallback.leaf, name)) ? fallback : undefined;
  }

  #add(identity: TlsIdentity): void {
    for (const name of namesOf(identity)) {
      if (name.startsWith("*.")) append(this.#wildcard, name.slice(2), identity);
      else append(this.#exact, name, identity);
    }
  }
}

/** Names that a certificate is found by. The common name counts only where it is a host name, as Traefik has it. */
export function namesOf({ leaf }: TlsIdentity): ReadonlySet<string> {
  const { names: { dns, ip }, commonName } = leaf;
  const common = HOST_NAME.test(commonName) ? [commonName] : [];
  return new Set([...dns, ...common].map((name) => name.toLowerCase().replace(/\.$/, "")).concat(ip));
}

const HOST_NAME = /^(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)+\.?$/i;

function pick(list: readonly TlsIdentity[], hello: ClientHello, now: number): TlsIdentity | undefined {
  let usable: TlsIdentity | undefined;
  for (const identity of list) {
    if (!acceptsKey(hello, identity.kind)) continue;
    if (identity.leaf.notBefore <= now && now <= identity.leaf.notAfter) return identity;
    usable ??= identity;
  }
  return usable;
}

function compare(a: TlsIdentity, b: TlsIdentity): number {
  return KIND_RANK[a.kind] - KIND_RANK[b.kind] || b.leaf.notBefore - a.leaf.notBefore ||
    b.leaf.notAfter - a.leaf.notAfter || (a.leaf.serial < b.leaf.serial ? -1 : 1);
}

function append(index: Map<string, TlsIdentity[]>, name: string, identity: TlsIdentity): void {
  const list = index.get(name);
  if (list === undefined) index.set(name, [identity]);
  else list.push(identity);
}

function parentOf(name: string): string {
  const dot = name.indexOf(".");
  return dot < 1 ? "" : name.slice(dot + 1);
}
