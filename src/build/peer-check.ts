// What a transport wants of servers' certificates beside a trusted chain: names, URIs, SPIFFE identities.

import type { ClientTls, SubjectAltName } from "../config/dynamic-tls.ts";
import type { Certificate } from "../net/certificate.ts";
import { isFor } from "../net/tls.ts";
import type { JudgePeer } from "../service/server-tls.ts";

/** Either a check, or none because the server's name suffices, or why there can't be one. */
export type PeerCheck = { readonly judge: JudgePeer | undefined } | { readonly fault: string };

/** Of a SPIFFE identity: trust domain, and a path without empty or dotted segments. */
const SPIFFE_ID = /^spiffe:\/\/([a-z0-9._-]+)((?:\/[A-Za-z0-9._-]+)*)$/;
const DOTTED = /\/\.{1,2}(?:\/|$)/;

/**
 * Works out the check. All that is asked for must hold. The name a server was asked by is looked for, too, unless
 * SANs or SPIFFE identities say who it must be, or `insecureSkipVerify` frees it from that.
 */
export function readPeerCheck(tls: ClientTls): PeerCheck {
  const { peerCertURI = "", peerCertSANs = [], spiffe, insecureSkipVerify } = tls;
  const judges: JudgePeer[] = [];
  if (peerCertURI !== "") {
    const uri = { type: "URI", value: peerCertURI } as const;
    if (!insecureSkipVerify && peerCertSANs.length === 0 && spiffe === undefined) judges.push(judgeName);
    judges.push((leaf) => has(leaf, uri) ? undefined : `it has not the URI ${peerCertURI}${butHas(leaf)}`);
  }
  if (peerCertSANs.length > 0) judges.push((leaf) => judgeNames(leaf, peerCertSANs));
  if (spiffe !== undefined) {
    const fault = spiffeFault(spiffe);
    if (fault !== undefined) return { fault };
    judges.push((leaf) => judgeSpiffe(leaf, spiffe));
  }
  if (judges.length === 0) return { judge: undefined };
  return {
    judge: (leaf, name) => {
      for (const judge of judges) {
        const reason = judge(leaf, name);
        if (reason !== undefined) return `the server's certificate is refused: ${reason}`;
      }
      return undefined;
    },
  };
}

function judgeName(leaf: Certificate, name: string): string | undefined {
  return isFor(leaf, name) ? undefined : `it is not for ${name}${butHas(leaf)}`;
}

function judgeNames(leaf: Certificate, wanted: readonly SubjectAltName[]): string | undefined {
  if (wanted.some((one) => has(leaf, one))) return undefined;
  return `it has none of the names ${wanted.map(({ value }) => value).join(", ")}${butHas(leaf)}`;
}

function has({ names }: Certificate, { type, value }: SubjectAltName): boolean {
  return type === "URI" ? names.uri.includes(value) : names.dns.includes(value.toLowerCase());
}

/** A certificate that stands for a workload has exactly one URI (X.509-SVID §2). */
function judgeSpiffe(leaf: Certificate, { ids, trustDomain }: NonNullable<ClientTls["spiffe"]>): string | undefined {
  const [id, ...others] = leaf.names.uri;
  if (id === undefined || others.length > 0 || !isSpiffeId(id)) {
    return `it holds no SPIFFE identity${butHas(leaf)}`;
  }
  if (ids !== undefined && ids.length > 0) {
    return ids.includes(id) ? undefined : `the identity ${id} is not among those allowed`;
  }
  const wanted = toTrustDomain(trustDomain);
  const domain = SPIFFE_ID.exec(id)?.[1];
  return wanted === "" || domain === wanted ? undefined : `the identity ${id} is not of the trust domain ${wanted}`;
}

function spiffeFault({ ids = [], trustDomain }: NonNullable<ClientTls["spiffe"]>): string | undefined {
  const bad = ids.find((id) => !isSpiffeId(id));
  if (bad !== undefined) return `"${bad}" is no SPIFFE identity, as spiffe://trust.domain/path`;
  const domain = toTrustDomain(trustDomain);
  return domain === "" || isSpiffeId(`spiffe://${domain}`) ? undefined : `"${domain}" is no trust domain`;
}

function isSpiffeId(text: string): boolean {
  return SPIFFE_ID.test(text) && !DOTTED.test(text);
}

/** It may be written as an identity. */
function toTrustDomain(text = ""): string {
  return text.replace(/^spiffe:\/\//, "");
}

function butHas({ names }: Certificate): string {
  const all = [...names.dns, ...names.ip, ...names.uri].slice(0, 8);
  return all.length === 0 ? "" : `; its names are ${all.join(", ")}`;
}
