// Certificates of one configuration, loaded; what was good keeps serving while its replacement is broken.

import type { KeyPair, TlsCertificate, TlsStore } from "../config/dynamic-tls.ts";
import type { MergedConfiguration } from "../config/merge.ts";
import type { Merged } from "../config/merge-section.ts";
import type { Part } from "../config/dynamic-part.ts";
import { toProxyError } from "../net/error.ts";
import type { IdentityText, TlsIdentity } from "../net/tls.ts";
import type { Problem } from "../schema/problem.ts";
import { CertificateStore } from "../tls/certificate-store.ts";
import { judgeIdentity } from "../tls/chain.ts";
import type { BuildContext } from "./context.ts";
import { NOT_SERVED_YET } from "./not-served.ts";
import { nameOf } from "./status.ts";

/** A certificate as loaded. */
export interface LoadedCertificate {
  /** undefined: it can't be served, and never could. */
  readonly identity: TlsIdentity | undefined;
  /** Why it, or its replacement, can't be loaded. */
  readonly fault: string | undefined;
}

/** The one store that serves, as in Traefik. */
const DEFAULT_STORE = "default";

/** Loads all, and says what is wrong with them. */
export class TlsCertificates {
  readonly problems: Problem[] = [];
  /** What clients are shown. */
  readonly store: CertificateStore;
  /** What is served: those of the configuration, without the generated one. */
  readonly served: readonly TlsIdentity[];
  readonly #context: BuildContext;
  readonly #loaded = new Map<string, LoadedCertificate>();

  constructor(config: MergedConfiguration["tls"], context: BuildContext) {
    this.#context = context;
    const identities: TlsIdentity[] = [];
    for (const [key, certificate] of Object.entries(config.certificates)) {
      const loaded = this.#load(key, certificate, certificate);
      this.#loaded.set(key, loaded);
      this.#report(`certificate ${nameOf(certificate)}`, certificate, loaded);
      if (loaded.identity === undefined || !this.#isServed(certificate)) continue;
      identities.push(loaded.identity);
    }
    const fallback = this.#defaultOf(config.stores);
    this.served = [...new Set(fallback === undefined ? identities : [...identities, fallback])];
    this.store = new CertificateStore({ identities, fallback: fallback ?? context.defaultIdentity?.() });
  }

  /** undefined: there is none of that key. */
  get(key: string): LoadedCertificate | undefined {
    return this.#loaded.get(key);
  }

  #isServed(certificate: Merged<TlsCertificate>): boolean {
    const { stores } = certificate;
    if (stores === undefined || stores.length === 0 || stores.includes(DEFAULT_STORE)) return true;
    const message = `the certificate ${nameOf(certificate)} is not served: it is in no store but ${stores.join(", ")}`;
    const hint = 'only the store "default" is used';
    this.#problem(certificate, { severity: "warning", code: "no-effect", message, hint });
    return false;
  }

  #defaultOf(stores: MergedConfiguration["tls"]["stores"]): TlsIdentity | undefined {
    const defaults = Object.entries(stores).filter(([, { isDefault }]) => isDefault === true);
    const [first, ...others] = defaults;
    if (first === undefined) return undefined;
    const [key, store] = first;
    if (others.length > 0) {
      const names = others.map(([, other]) => nameOf(other)).join(", ");
      const message = `several stores are the default one: ${nameOf(store)} is used, and ${names} is not`;
      const second = others[0]?.[1] ?? store;
      this.#problem(second, { severity: "error", code: "ambiguous-store", message, hint: "keep one" });
    }
    this.#tellResolver(store);
    if (store.defaultCertificate === undefined) return undefined;
    const loaded = this.#load(`default of ${key}`, store.defaultCertificate, store);
    this.#report(`default certificate of the store ${nameOf(store)}`, store, loaded);
    return loaded.identity;
  }

  #tellResolver(store: Merged<TlsStore>): void {
    if (store.defaultGeneratedCert === undefined) return;
    const { resolver } = store.defaultGeneratedCert;
    const message =
      `the store ${nameOf(store)} asks the certificate resolver ${resolver} for its default certificate, ` +
      "and resolvers are not served yet";
    this.#problem(store, { severity: "warning", code: NOT_SERVED_YET, message });
  }

  #load(key: string, pair: KeyPair, { defects = [] }: { readonly defects?: readonly string[] }): LoadedCertificate {
    const isUnread = !("text" in pair.certificate) || !("text" in pair.privateKey);
    if (isUnread && this.#context.assumesFiles === true) return { identity: undefined, fault: undefined };
    const kept = this.#context.state.take(`tls certificate ${key}`, isKept, () => new KeptIdentity());
    return kept.load(defects[0] ?? textsOf(pair), this.#context);
  }

  #report(what: string, part: Merged<Part>, { identity, fault }: LoadedCertificate): void {
    if (fault !== undefined) {
      const kept = identity === undefined ? "" : "; the last good one keeps serving";
      const message = `the ${what} can't be used: ${fault}${kept}`;
      this.#problem(part, { severity: "error", code: "broken-certificate", message });
    }
    if (identity === undefined) return;
    for (const warning of judgeIdentity(identity, Date.now())) {
      const message = `the ${what} is served, but ${warning}`;
      this.#problem(part, { severity: "warning", code: "odd-certificate", message });
    }
  }

  #problem({ source }: Merged<Part>, problem: Omit<Problem, "source">): void {
    this.problems.push({ ...problem, ...(source !== undefined && { source }) });
  }
}

/** @returns why they can't be had, as a text */
function textsOf({ certificate, privateKey }: KeyPair): IdentityText | string {
  if (!("text" in certificate)) return `the file ${certificate.file} can't be read`;
  if (!("text" in privateKey)) return `the file ${privateKey.file} can't be read`;
  return { cert: certificate.text, key: privateKey.text };
}

/** What one certificate was last loaded from, and the last good one of it. */
class KeptIdentity {
  #text: IdentityText | undefined = undefined;
  #identity: TlsIdentity | undefined = undefined;
  #fault: string | undefined = undefined;

  /** @param text or why there is none */
  load(text: IdentityText | string, { runtime }: BuildContext): LoadedCertificate {
    if (typeof text === "string") return { identity: this.#identity, fault: text };
    if (this.#text?.cert !== text.cert || this.#text.key !== text.key) {
      this.#text = text;
      this.#fault = undefined;
      try {
        this.#identity = runtime.loadIdentity(text);
      } catch (thrown) {
        this.#fault = toProxyError(thrown).message;
      }
    }
    return { identity: this.#identity, fault: this.#fault };
  }
}

function isKept(value: unknown): value is KeptIdentity {
  return value instanceof KeptIdentity;
}
