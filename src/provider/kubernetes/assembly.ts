// Fragments of all objects → one dynamic configuration, which shares with the one before whatever stayed the same.

import { type DynamicConfiguration, emptyConfiguration } from "../../config/dynamic.ts";
import { keysOf, patchRecord } from "../../config/patched-record.ts";
import type { Problem } from "../../schema/problem.ts";
import { createSections, type Fragment, type SectionName, sectionNames, type Sections } from "./fragment.ts";
import { sameValue } from "./store/same-value.ts";

/** A configuration that is put together again and again. */
export class Assembly {
  #sections: Sections;
  #configuration: DynamicConfiguration;
  #problems: readonly Problem[];
  /** Sections of which parts came or went. */
  readonly #stale: Set<SectionName>;
  /** Fragments that were replaced: parts of other sections changed in them alone. */
  #replaced: Fragment[];
  #problemsAreStale: boolean;

  constructor() {
    this.#sections = createSections();
    this.#configuration = emptyConfiguration;
    this.#problems = [];
    this.#stale = new Set();
    this.#replaced = [];
    this.#problemsAreStale = false;
  }

  /** The same value as long as nothing changed. */
  get configuration(): DynamicConfiguration {
    return this.#configuration;
  }

  /** The same value as long as nothing changed. */
  get problems(): readonly Problem[] {
    return this.#problems;
  }

  /** One object's fragment is another one now. Parts of it that say what they said are taken over from the old one. */
  replace(before: Fragment | undefined, after: Fragment | undefined): void {
    if (!sameValue(before?.problems ?? [], after?.problems ?? [])) this.#problemsAreStale = true;
    if (before !== undefined && after !== undefined) keepSame(before.sections, after.sections);
    for (const name of sectionNames) {
      if (!sameKeys(before?.sections[name], after?.sections[name])) this.#stale.add(name);
    }
    if (after !== undefined) this.#replaced.push(after);
  }

  /** @param fragments of all objects, in their order */
  assemble(fragments: readonly Fragment[]): void {
    if (this.#problemsAreStale) this.#problems = withoutRepeats(fragments);
    this.#problemsAreStale = false;
    const before = this.#sections;
    const [stale, replaced] = [this.#stale, this.#replaced];
    const join = <T>(name: SectionName, old: Record<string, T>, pick: Pick<T>) =>
      stale.has(name) ? joinParts(fragments, old, pick) : patchParts(replaced, old, pick);
    this.#sections = {
      routers: join("routers", before.routers, (each) => each.routers),
      services: join("services", before.services, (each) => each.services),
      middlewares: join("middlewares", before.middlewares, (each) => each.middlewares),
      serversTransports: join("serversTransports", before.serversTransports, (each) => each.serversTransports),
      tcpRouters: join("tcpRouters", before.tcpRouters, (each) => each.tcpRouters),
      tcpServices: join("tcpServices", before.tcpServices, (each) => each.tcpServices),
      tcpMiddlewares: join("tcpMiddlewares", before.tcpMiddlewares, (each) => each.tcpMiddlewares),
      tcpServersTransports: join(
        "tcpServersTransports",
        before.tcpServersTransports,
        (each) => each.tcpServersTransports,
      ),
      udpRouters: join("udpRouters", before.udpRouters, (each) => each.udpRouters),
      udpServices: join("udpServices", before.udpServices, (each) => each.udpServices),
      certificates: join("certificates", before.certificates, (each) => each.certificates),
      tlsOptions: join("tlsOptions", before.tlsOptions, (each) => each.tlsOptions),
      tlsStores: join("tlsStores", before.tlsStores, (each) => each.tlsStores),
    };
    this.#stale.clear();
    this.#replaced = [];
    if (sectionNames.some((name) => this.#sections[name] !== before[name])) {
      this.#configuration = toConfiguration(this.#sections, this.#configuration);
    }
  }
}

type Section<T> = Record<string, T> | undefined;
type Pick<T> = (sections: Partial<Sections>) => Section<T>;

/**
 * Of parts under one key the first stays: they say the same. A part that says what it said before is the one from
 * before, and if that goes for all of them, so is the whole section.
 */
function joinParts<T>(fragments: readonly Fragment[], before: Record<string, T>, pick: Pick<T>): Record<string, T> {
  const joined: Record<string, T> = {};
  let same = true;
  let count = 0;
  for (const { sections } of fragments) {
    const section = pick(sections);
    for (const key in section) {
      if (joined[key] !== undefined) continue;
      const kept = keepPart(section, before, key);
      if (kept === undefined) continue;
      joined[key] = kept;
      count++;
      if (kept !== before[key]) same = false;
    }
  }
  return same && count === keysOf(before).length ? before : joined;
}

/** The same parts under the same keys, but for those that changed. */
function patchParts<T>(replaced: readonly Fragment[], before: Record<string, T>, pick: Pick<T>): Record<string, T> {
  const changed = new Map<string, T>();
  for (const { sections } of replaced) {
    const section = pick(sections);
    for (const key in section) {
      const kept = keepPart(section, before, key);
      if (kept !== undefined && kept !== before[key]) changed.set(key, kept);
    }
  }
  return changed.size === 0 ? before : patchRecord(before, changed);
}

/** A fragment's part, or the one before it that says the same, which then takes its place. */
function keepPart<T>(section: Record<string, T>, before: Record<string, T>, key: string): T | undefined {
  const [part, old] = [section[key], before[key]];
  if (old === undefined || old === part || !sameValue(old, part)) return part;
  section[key] = old;
  return old;
}

function sameKeys(a: object | undefined = {}, b: object | undefined = {}): boolean {
  const [mine, theirs] = [Object.keys(a), Object.keys(b)];
  return mine.length === theirs.length && mine.every((key, index) => key === theirs[index]);
}

/** Puts the old parts in the place of new ones that say the same. */
function keepSame(before: Partial<Sections>, after: Partial<Sections>): void {
  keepParts(before.routers, after.routers);
  keepParts(before.services, after.services);
  keepParts(before.middlewares, after.middlewares);
  keepParts(before.serversTransports, after.serversTransports);
  keepParts(before.tcpRouters, after.tcpRouters);
  keepParts(before.tcpServices, after.tcpServices);
  keepParts(before.tcpMiddlewares, after.tcpMiddlewares);
  keepParts(before.tcpServersTransports, after.tcpServersTransports);
  keepParts(before.udpRouters, after.udpRouters);
  keepParts(before.udpServices, after.udpServices);
  keepParts(before.certificates, after.certificates);
  keepParts(before.tlsOptions, after.tlsOptions);
  keepParts(before.tlsStores, after.tlsStores);
}

function keepParts<T>(before: Section<T>, after: Section<T>): void {
  for (const [key, part] of Object.entries(after ?? {})) {
    const old = before?.[key];
    if (after !== undefined && old !== undefined && sameValue(old, part)) after[key] = old;
  }
}

/** Halves whose sections stayed stay, too; those without parts are left out. */
function toConfiguration(sections: Sections, before: DynamicConfiguration): DynamicConfiguration {
  const { routers, services, middlewares, serversTransports } = sections;
  const tcp = {
    routers: sections.tcpRouters,
    services: sections.tcpServices,
    middlewares: sections.tcpMiddlewares,
    serversTransports: sections.tcpServersTransports,
  };
  const udp = { routers: sections.udpRouters, services: sections.udpServices };
  const tls = { certificates: sections.certificates, options: sections.tlsOptions, stores: sections.tlsStores };
  return {
    http: sameParts(before.http, { routers, services, middlewares, serversTransports }),
    ...(hasParts(tcp) && { tcp: sameParts(before.tcp, tcp) }),
    ...(hasParts(udp) && { udp: sameParts(before.udp, udp) }),
    ...(hasParts(tls) && { tls: sameParts(before.tls, tls) }),
  };
}

function sameParts<T extends object>(before: T | undefined, after: T): T {
  if (before === undefined) return after;
  const old = new Map<string, unknown>(Object.entries(before));
  return Object.entries(after).every(([name, section]) => old.get(name) === section) ? before : after;
}

function hasParts(half: object): boolean {
  return Object.values(half).some((section: object) => Object.keys(section).length > 0);
}

const keys = new WeakMap<Problem, string>();

/** A bad Service is met once per reference to it. */
function withoutRepeats(fragments: readonly Fragment[]): Problem[] {
  const unique = new Map<string, Problem>();
  for (const { problems } of fragments) {
    for (const problem of problems) {
      const key = problemKey(problem);
      if (!unique.has(key)) unique.set(key, problem);
    }
  }
  return [...unique.values()];
}

function problemKey(problem: Problem): string {
  let key = keys.get(problem);
  if (key === undefined) {
    const { severity, code, message, source, path } = problem;
    keys.set(problem, key = JSON.stringify([severity, code, message, source, path]));
  }
  return key;
}
