// Keeps the cluster's objects as the manifests in files say, without undoing what kubectl changed meanwhile.

import type { Runtime } from "../../net/runtime.ts";
import type { Problem } from "../../schema/problem.ts";
import type { Admit } from "../admission/admission.ts";
import { type ValidateObject } from "../admission/problems.ts";
import { readContent } from "../admission/read-content.ts";
import { type JsonObject, objectAt, stableText, textAt } from "../json.ts";
import type { KindRegistry } from "../kube/kind-registry.ts";
import type { Kind } from "../kube/kind.ts";
import type { ObjectStore } from "../kube/object-store.ts";
import { type KubeObject, nameOf, namespaceOf } from "../kube/object.ts";
import { StatusError } from "../kube/status.ts";
import { applyConfiguration } from "../managed/apply.ts";
import { LAST_APPLIED } from "../managed/last-applied.ts";
import { withEntries } from "../managed/ownership.ts";
import { type Manifest, readManifests } from "./manifest.ts";
import { duplicateObject, schemaProblems, statusProblems, unknownFields, unknownKind } from "./manifest-problem.ts";

/** What the manifests are kept in. */
export interface ManifestTarget {
  readonly store: ObjectStore;
  readonly kinds: KindRegistry;
  readonly admit: Admit;
  readonly validate: ValidateObject;
  /** Made up by the cluster itself: a manifest takes its place. */
  readonly isPlaceholder: (object: KubeObject) => boolean;
}

/** One object as a file wants it. */
interface Entry {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
  readonly manifest: Manifest;
  readonly content: JsonObject;
  readonly text: string;
}

const SETTLE_MS = 50; // editors write a file in several steps
const SECOND_LOOK_MS = 250; // a change between the first load and the first look of the watch would go unseen

/** Files are right where others disagree; fields that a kind does not have are told of elsewhere. */
const weir = { manager: "weir", subresource: "", force: true, lenient: true } as const;

/** Applies manifests, and applies them again when their files change. */
export class ManifestSync {
  readonly #paths: readonly string[];
  readonly #runtime: Runtime;
  readonly #target: ManifestTarget;
  #applied = new Map<string, Entry>();
  #stops: (() => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined = undefined;
  #running: Promise<unknown> = Promise.resolve();
  #changes = 0;
  #told = "";

  /** @param paths files and folders */
  constructor(paths: readonly string[], runtime: Runtime, target: ManifestTarget) {
    this.#paths = paths;
    this.#runtime = runtime;
    this.#target = target;
  }

  /** Reads all files and makes the cluster follow. @returns everything that is wrong with them now */
  async load(): Promise<Problem[]> {
    const { manifests, problems, broken } = await readManifests(this.#runtime.files, this.#paths);
    const found: Problem[] = [...problems];
    const wanted = new Map<string, Entry>();
    for (const manifest of inOrder(manifests)) this.#take(manifest, wanted, found);
    for (const [key, entry] of this.#applied) {
      if (wanted.has(key) || isBroken(entry.manifest.file, broken)) continue;
      this.#applied.delete(key);
      this.#changes++;
      this.#target.store.remove(entry.kind, entry.namespace, entry.name);
    }
    this.#told = stableText(found);
    return found;
  }

  /**
   * Loads again whenever a file changes.
   * @param loaded told of each result that differs from the one before
   * @param failed told when a load broke off, which is a defect
   */
  watch(loaded: (problems: readonly Problem[]) => void, failed: (error: unknown) => void): void {
    const reload = async () => {
      const before = this.#changes;
      const [told, problems] = [this.#told, await this.load()];
      if (this.#changes !== before || this.#told !== told) loaded(problems);
    };
    const changed = (delay: number) => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => {
        this.#running = this.#running.then(reload).catch(failed);
      }, delay);
    };
    this.#stops = this.#paths.map((path) => this.#runtime.files.watch(path, () => changed(SETTLE_MS)));
    changed(SECOND_LOOK_MS);
  }

  /** Watches no more, and waits for a load that is under way. */
  async stop(): Promise<void> {
    for (const stop of this.#stops) stop();
    this.#stops = [];
    clearTimeout(this.#timer);
    await this.#running;
  }

  #take(manifest: Manifest, wanted: Map<string, Entry>, problems: Problem[]): void {
    const { kinds } = this.#target;
    const kind = kinds.named(textAt(manifest.content, "apiVersion") ?? "", textAt(manifest.content, "kind") ?? "");
    if (kind === undefined) {
      problems.push(unknownKind(manifest, kinds));
      return;
    }
    const entry = entryOf(kind, manifest);
    const key = `${kind.group}/${kind.plural}/${entry.namespace}/${entry.name}`;
    const twin = wanted.get(key);
    if (twin !== undefined) problems.push(duplicateObject(manifest, twin.manifest));
    wanted.set(key, entry);
    const before = this.#applied.get(key);
    const mistakes = this.#check(entry);
    problems.push(...mistakes);
    if (mistakes.some(({ severity }) => severity === "error")) return; // what was applied before stays
    if (before?.text === entry.text) this.#applied.set(key, entry);
    else if (this.#apply(entry, problems)) this.#applied.set(key, entry);
  }

  #check(entry: Entry): Problem[] {
    const { kind, manifest, namespace, content } = entry;
    const problems = kind.custom ? this.#target.validate(content) : []; // the gate knows the built-in ones
    const read = readContent(kind, content); // what can't be read at all is refused by the gate
    const unknown = read.ok ? unknownFields(read.unknown, problems) : [];
    return schemaProblems(manifest, namespace, [...problems, ...unknown]);
  }

  #apply(entry: Entry, problems: Problem[]): boolean {
    const { kind, namespace, name, content } = entry;
    const { store, admit, isPlaceholder } = this.#target;
    const stored = store.get(kind, namespace, name);
    const live = stored !== undefined && isPlaceholder(stored) ? undefined : stored;
    try {
      this.#ensureNamespace(namespace);
      const applied = applyConfiguration({ ...weir, kind, live, configuration: content });
      const draft = { kind, content: applied.object, namespace, name, previous: live };
      const { object } = admit({ ...draft, fieldValidation: "Ignore" });
      if (stored !== live) store.remove(kind, namespace, name);
      store.put(kind, withEntries(object, applied.owners, live));
      this.#changes++;
      return true;
    } catch (thrown) {
      if (!(thrown instanceof StatusError)) throw thrown;
      problems.push(...statusProblems(entry.manifest, namespace, thrown));
      return false;
    }
  }

  /** A real server would refuse the object; here a folder of manifests is enough. */
  #ensureNamespace(name: string): void {
    const { store, kinds, admit } = this.#target;
    const kind = kinds.builtIn("Namespace");
    if (name === "" || store.get(kind, "", name) !== undefined) return;
    const draft = { kind, content: { metadata: { name } }, namespace: "", name, previous: undefined };
    store.put(kind, admit({ ...draft, fieldValidation: "Ignore" }).object);
  }
}

function isBroken(file: string, broken: ReadonlySet<string>): boolean {
  if (broken.has(file)) return true;
  return [...broken].some((path) => file.startsWith(path.endsWith("/") ? path : `${path}/`));
}

const rank: Readonly<Record<string, number>> = { CustomResourceDefinition: 0, Namespace: 1 };

/** Definitions and namespaces first: other objects need them. */
function inOrder(manifests: readonly Manifest[]): Manifest[] {
  const rankOf = ({ content }: Manifest) => rank[textAt(content, "kind") ?? ""] ?? 2;
  return [...manifests].sort((left, right) => rankOf(left) - rankOf(right));
}

function entryOf(kind: Kind, manifest: Manifest): Entry {
  const given = manifest.content;
  const namespace = kind.namespaced ? namespaceOf(given) || "default" : "";
  const metadata: JsonObject = { annotations: {}, ...objectAt(given, "metadata") };
  if (kind.namespaced) metadata["namespace"] = namespace;
  // As kubectl writes it, so that `kubectl apply` of the same file finds nothing to do.
  const lastApplied = `${goText(stableText({ ...given, metadata }))}\n`;
  const annotations = { ...objectAt(metadata, "annotations"), [LAST_APPLIED]: lastApplied };
  const content = { ...given, metadata: { ...metadata, annotations } };
  return { kind, namespace, name: nameOf(given), manifest, content, text: lastApplied };
}

/** Go's JSON escapes these in every text. */
function goText(json: string): string {
  return json.replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
}
