// What the API server serves: which kinds there are, and in which of the versions weir reads.

import { isRecord } from "../store/object.ts";
import { delay } from "./delay.ts";
import { isOutage, type KubeClient, parseJson, readText } from "./kube-client.ts";
import { KubeError, toKubeError } from "./kube-error.ts";
import { apiVersionOf, formsOf, type GroupVersion, type Resource } from "./resource.ts";
import type { Turn } from "./retry-gate.ts";

const FRESH_PARTS = 0.5; // of the time between two looks: so old an answer may be

/** What a catalogue holds when there is none. */
const ANYTHING = "*";

/** The whole catalogue in one answer, from Kubernetes 1.26 on; a server that can't gives the plain list of groups. */
const ACCEPT = [
  "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
  "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList",
  "application/json",
].join(",");

/** Plural names by `group/version`; `undefined` instead of names: served, with what is not known yet. */
type Catalogue = Map<string, ReadonlySet<string> | undefined>;

interface Known {
  readonly catalogue: Catalogue;
  readonly etag: string;
  readonly readAt: number;
}

/**
 * Everybody's questions are answered from one look at the server. A server that tells nothing of itself (403, 404)
 * is believed to serve everything until a request shows otherwise.
 */
export class Discovery {
  readonly #client: KubeClient;
  /** Forms of kinds that are asked for: only their groups are looked into. */
  readonly #wanted: Map<string, GroupVersion>;
  /** Forms that were refused as unknown although they should be served, and until when that is believed. */
  readonly #refused: Map<string, number>;
  readonly #signal: AbortSignal;
  #known: Known | undefined;
  #loading: Promise<void> | undefined;

  /** @param signal the end of everything: a look is shared, and goes on when one of those who asked gives up */
  constructor(client: KubeClient, signal: AbortSignal) {
    this.#client = client;
    this.#signal = signal;
    this.#wanted = new Map();
    this.#refused = new Map();
    this.#known = undefined;
    this.#loading = undefined;
  }

  /**
   * The first form of the kind that is served.
   * @param maxAgeMs how old what is known may be
   * @returns undefined: none
   * @throws {KubeError} when the server can't be asked
   */
  async find(resource: Resource, signal: AbortSignal, maxAgeMs = Infinity): Promise<Resource | undefined> {
    const forms = formsOf(resource);
    let isNew = false;
    for (const form of forms) {
      if (form.group === "" || this.#wanted.has(apiVersionOf(form))) continue;
      this.#wanted.set(apiVersionOf(form), form);
      isNew = true;
    }
    const isOld = this.#known === undefined || this.#client.clock.now() - this.#known.readAt > maxAgeMs;
    if (isOld || (isNew && this.#lacks(forms))) await unlessAborted(this.#load(), signal);
    return forms.find((form) => this.#isServed(form));
  }

  /** Resolves when it is worth asking again for a kind that is not served. */
  async pause(signal: AbortSignal): Promise<void> {
    const { discoverMs, random } = this.#client.clock;
    await delay(discoverMs * (0.875 + random() / 4), signal);
  }

  /** How old an answer may be for somebody who has waited for a kind to appear. */
  get recentMs(): number {
    return this.#client.clock.discoverMs * FRESH_PARTS;
  }

  /** A request showed that a form is not served after all: another one is chosen, and the server asked again. */
  disprove(form: Resource): void {
    const { now, reprobeMs } = this.#client.clock;
    this.#refused.set(keyOf(form), now() + (this.#isBlind ? reprobeMs : this.recentMs));
  }

  /** The server tells nothing of itself. */
  get #isBlind(): boolean {
    return this.#known?.catalogue.has(ANYTHING) ?? false;
  }

  #isServed(form: Resource): boolean {
    if (this.#client.clock.now() < (this.#refused.get(keyOf(form)) ?? 0)) return false;
    if (form.group === "") return true; // the core group needs no discovery
    const catalogue = this.#known?.catalogue;
    const version = apiVersionOf(form);
    if (catalogue === undefined || this.#isBlind) return true;
    return catalogue.has(version) && (catalogue.get(version)?.has(form.plural) ?? true);
  }

  /** Whether a group is known to be there, and its kinds are not. */
  #lacks(forms: readonly Resource[]): boolean {
    const catalogue = this.#known?.catalogue;
    return forms.some((form) => catalogue?.has(apiVersionOf(form)) && catalogue.get(apiVersionOf(form)) === undefined);
  }

  /** One look for all who ask at the same time. */
  #load(): Promise<void> {
    this.#loading ??= this.#read(this.#signal).finally(() => void (this.#loading = undefined));
    return this.#loading;
  }

  async #read(signal: AbortSignal): Promise<void> {
    const turn = await this.#client.gate.enter(signal);
    try {
      await this.#readGroups(turn, signal);
      turn.succeeded();
    } catch (thrown) {
      const error = toKubeError(thrown, "discover API groups");
      if (isOutage(error)) {
        if (!signal.aborted) turn.failed(error.retryAfterMs);
        throw error;
      }
      turn.succeeded(); // an answer, if no help: kinds are tried one by one
      this.#keep(new Map([[ANYTHING, undefined]]), "");
    } finally {
      turn.left();
    }
  }

  async #readGroups(turn: Turn, signal: AbortSignal): Promise<void> {
    const what = "discover API groups";
    const etag = this.#known?.etag ?? "";
    const answer = await this.#client.open({
      path: "/apis",
      what,
      signal,
      headers: { accept: ACCEPT, ...(etag !== "" && { "if-none-match": etag }) },
    });
    const { status, headers } = answer.response;
    const text = await readText(answer, what);
    if (status === 304 && this.#known !== undefined) return this.#keep(this.#known.catalogue, etag);
    const value = parseJson(text, what);
    const catalogue = value["kind"] === "APIGroupDiscoveryList" ? fromDiscoveryList(value) : fromGroupList(value);
    if (catalogue === undefined) throw new KubeError(`${what}: no list of groups`, { failure: "bad-answer" });
    if (value["kind"] !== "APIGroupDiscoveryList") await this.#readVersions(catalogue, turn, signal);
    this.#keep(catalogue, headers.get("etag") ?? "");
  }

  /** The kinds of each group and version that is wanted and there. */
  async #readVersions(catalogue: Catalogue, turn: Turn, signal: AbortSignal): Promise<void> {
    for (const [version] of this.#wanted) {
      if (!catalogue.has(version)) continue;
      turn.again();
      const what = `discover ${version}`;
      try {
        const answer = await this.#client.open({ path: `/apis/${version}`, what, signal });
        catalogue.set(version, fromResourceList(parseJson(await readText(answer, what), what)));
      } catch (thrown) {
        const error = toKubeError(thrown, what);
        if (isOutage(error)) throw error;
        catalogue.delete(version); // its own server is gone, or weir may not look: it is as good as not there
      }
    }
  }

  #keep(catalogue: Catalogue, etag: string): void {
    this.#known = { catalogue, etag, readAt: this.#client.clock.now() };
  }
}

/** What was asked for, or nothing as soon as nobody waits for it. */
async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<void>();
  const give = () => aborted.resolve();
  if (signal.aborted) give();
  else signal.addEventListener("abort", give);
  try {
    await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", give);
  }
}

function keyOf(form: Resource): string {
  return `${apiVersionOf(form)}/${form.plural}`;
}

/** The aggregated form: groups, versions and resources in one. */
function fromDiscoveryList(value: Readonly<Record<string, unknown>>): Catalogue | undefined {
  if (!Array.isArray(value["items"])) return undefined;
  const catalogue: Catalogue = new Map();
  for (const group of records(value["items"])) {
    const name = isRecord(group["metadata"]) ? group["metadata"]["name"] : undefined;
    for (const version of records(group["versions"])) {
      const plurals = new Set(records(version["resources"]).map(({ resource }) => String(resource)));
      // Stale: the group has a server of its own, which does not answer.
      const isStale = version["freshness"] === "Stale";
      catalogue.set(`${String(name)}/${String(version["version"])}`, isStale ? undefined : plurals);
    }
  }
  return catalogue;
}

/** The plain form: groups and versions. */
function fromGroupList(value: Readonly<Record<string, unknown>>): Catalogue | undefined {
  if (!Array.isArray(value["groups"])) return undefined;
  const catalogue: Catalogue = new Map();
  for (const group of records(value["groups"])) {
    for (const { groupVersion } of records(group["versions"])) catalogue.set(String(groupVersion), undefined);
  }
  return catalogue;
}

function fromResourceList(value: Readonly<Record<string, unknown>>): ReadonlySet<string> {
  return new Set(records(value["resources"]).map(({ name }) => String(name)));
}

function records(value: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
