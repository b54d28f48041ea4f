// TLS towards the servers of one transport: what each host is dialled with.

import type { Certificate } from "../net/certificate.ts";
import { canonicalIp } from "../net/ip-text.ts";
import type { DialTls } from "../net/tls.ts";

/** Hosts whose settings are kept: few servers have names of their own, and those that went are forgotten. */
const MOST_KEPT = 1000;

/** Looks at a server's certificate. @returns why it is refused */
export type JudgePeer = (leaf: Certificate, name: string) => string | undefined;

/** What servers are dialled with, whoever they are. */
export interface ServerTlsOptions {
  /** A `serverName` is asked for in place of the host that is dialled. */
  readonly dial: Omit<DialTls, "alpn" | "preamble" | "verify">;
  /** Looks for other things in a certificate than the server's name. */
  readonly judge?: JudgePeer | undefined;
}

/**
 * See the file's sentence. The same host and protocols always give the same object, and hosts that differ in nothing
 * share one: TLS libraries keep what they have worked out of the settings with it.
 */
export class ServerTls {
  /** Two that mean the same have the same key. */
  readonly key: string;
  readonly #options: ServerTlsOptions;
  readonly #made = new Map<string, DialTls>();

  constructor(key: string, options: ServerTlsOptions) {
    this.key = key;
    this.#options = options;
  }

  /**
   * What a host is dialled with.
   * @param alpn protocols that are offered, the preferred one first; none: any
   */
  of(host: string, alpn: readonly string[] = []): DialTls {
    const { serverName } = this.#options.dial;
    const isShared = serverName !== "" || (this.#options.judge === undefined && canonicalIp(host) !== undefined);
    const key = `${alpn.join()} ${isShared ? "" : host}`;
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    if (this.#made.size >= MOST_KEPT) this.#made.clear();
    const made = this.#make(isShared ? serverName : host, alpn);
    this.#made.set(key, made);
    return made;
  }

  /** @param name to be asked for; empty: an address is dialled, which is looked for in the certificate */
  #make(name: string, alpn: readonly string[]): DialTls {
    const { dial, judge } = this.#options;
    return {
      ...dial,
      serverName: name,
      ...(alpn.length > 0 && { alpn }),
      ...(judge !== undefined && { verify: (leaf: Certificate) => judge(leaf, name) }),
    };
  }
}

/** Servers are found by the system's authorities and their own names. */
export const defaultServerTls: ServerTls = new ServerTls("default", { dial: { serverName: "" } });
