// What one Kubernetes provider tells the cluster: what is wrong with its objects, and where its Ingresses are reached.

import type { Problem } from "../../../schema/problem.ts";
import type { KubeConnection } from "../client/connection.ts";
import { apiVersionOf, formsOf, type Resource, resourceId } from "../client/resource.ts";
import type { ObjectName } from "../incremental-translator.ts";
import { INGRESS } from "../ingress/kinds.ts";
import type { KubeObject } from "../store/object.ts";
import type { KubeSnapshot } from "../store/snapshot.ts";
import type { Election } from "./election.ts";
import { uidOf } from "./event.ts";
import type { EventRecorder, Fault, FaultSource } from "./event-recorder.ts";
import { IngressStatus } from "./ingress-status.ts";
import { PublishedAddresses, publishesAddresses, type StatusOptions } from "./published-addresses.ts";

/** What became of the objects of a provider. */
export interface Outcome {
  /** Objects of a kind, by `group/Kind`, that became routers. */
  routed(id: string): readonly ObjectName[];
  /** Whether an object became anything at all. */
  isServed(id: string, namespace: string, name: string): boolean;
}

/** The writing side of one provider. */
export interface WriteBack {
  /** What keeps it from writing. */
  readonly problems: readonly Problem[];
  /** Begins. @param changed the problems may have changed */
  start(changed: () => void): void;
  /** The provider's objects were translated. */
  translated(snapshot: KubeSnapshot, outcome: Outcome): void;
  /** All problems of the configuration in force; those of other providers' objects are left alone. */
  judged(problems: readonly Problem[]): void;
  /** Writes no more, and lets another replica write. */
  stop(): Promise<void>;
}

/** What providers of one API server share. */
export interface SharedWriter {
  readonly connection: KubeConnection;
  readonly election: Election;
  readonly recorder: EventRecorder;
  /** Tells who uses it when something changes. @returns leave */
  join(listener: () => void): () => Promise<void>;
}

/** What a provider writes. */
export interface WriteBackOptions extends StatusOptions {
  readonly events: boolean;
  /** The kinds its problems may be about. */
  readonly resources: readonly Resource[];
}

/** The writing side of one provider, over what it shares with others. */
export class ProviderWriteBack implements WriteBack, FaultSource {
  readonly #shared: SharedWriter;
  readonly #options: WriteBackOptions;
  /** `apiVersion/Kind` → under which id the store keeps such objects. */
  readonly #ids: ReadonlyMap<string, string>;
  readonly #addresses: PublishedAddresses | undefined;
  readonly #status: IngressStatus | undefined;
  #snapshot: KubeSnapshot | undefined;
  #outcome: Outcome | undefined;
  #judged: readonly Problem[];
  #changed: () => void;
  #leave: (() => Promise<void>) | undefined;

  constructor(shared: SharedWriter, options: WriteBackOptions) {
    this.#shared = shared;
    this.#options = options;
    this.#ids = idsOf(options.resources);
    this.#snapshot = undefined;
    this.#outcome = undefined;
    this.#judged = [];
    this.#changed = () => {};
    this.#leave = undefined;
    if (!publishesAddresses(options)) return;
    const addresses = new PublishedAddresses(options, shared.connection, () => this.#look());
    this.#addresses = addresses;
    this.#status = new IngressStatus({
      client: shared.connection.client,
      mayWrite: () => shared.election.standing !== "waiting",
      addresses: () => addresses.current,
      changed: () => this.#changed(),
    });
  }

  get problems(): readonly Problem[] {
    const { election, recorder } = this.#shared;
    return [
      ...election.problem === undefined ? [] : [election.problem],
      ...this.#options.events ? recorder.problems : [],
      ...this.#addresses?.problems ?? [],
      ...this.#status?.problems ?? [],
    ];
  }

  start(changed: () => void): void {
    this.#changed = changed;
    this.#leave = this.#shared.join(() => this.#look());
    this.#addresses?.start();
  }

  translated(snapshot: KubeSnapshot, outcome: Outcome): void {
    this.#snapshot = snapshot;
    this.#outcome = outcome;
    const differs = this.#status?.update(snapshot, outcome.routed(INGRESS)) ?? false;
    if (differs) this.#shared.election.start();
    this.#tell();
  }

  judged(problems: readonly Problem[]): void {
    this.#judged = problems;
    this.#tell();
  }

  newest(object: KubeObject): KubeObject | undefined {
    const found = this.#find(object.apiVersion, object.kind, object.metadata);
    return found !== undefined && uidOf(found) === uidOf(object) ? found : undefined;
  }

  isServed({ apiVersion, kind, metadata: { namespace, name } }: KubeObject): boolean {
    const id = this.#ids.get(`${apiVersion}/${kind}`);
    return id !== undefined && (this.#outcome?.isServed(id, namespace, name) ?? false);
  }

  async stop(): Promise<void> {
    this.#changed = () => {};
    this.#shared.recorder.remove(this);
    await Promise.all([this.#status?.stop(), this.#addresses?.stop()]);
    await this.#leave?.();
    this.#leave = undefined;
  }

  /** Addresses, or who may write, changed. */
  #look(): void {
    if (this.#status?.look() === true) this.#shared.election.start();
    this.#changed();
  }

  #tell(): void {
    if (!this.#options.events || this.#leave === undefined) return;
    if (this.#shared.recorder.update(this, this.#faults())) this.#shared.election.start();
  }

  #faults(): Fault[] {
    return this.#judged.flatMap((problem): Fault[] => {
      const { source } = problem;
      if (source?.type !== "object") return [];
      const object = this.#find(source.apiVersion, source.kind, source);
      return object === undefined || uidOf(object) === "" ? [] : [{ object, problem }];
    });
  }

  #find(apiVersion: string, kind: string, { namespace, name }: ObjectName): KubeObject | undefined {
    const id = this.#ids.get(`${apiVersion}/${kind}`);
    return id === undefined ? undefined : this.#snapshot?.get(id, namespace, name);
  }
}

function idsOf(resources: readonly Resource[]): Map<string, string> {
  const forms = resources.flatMap((resource) => formsOf(resource).map((form) => [form, resourceId(resource)] as const));
  return new Map(forms.map(([form, id]) => [`${apiVersionOf(form)}/${form.kind}`, id]));
}
