// The form of each Kubernetes object: what an API server would refuse or drop, by the rules of the embedded one.

import { createAdmission, type Draft } from "../dev/admission/admission.ts";
import { readContent } from "../dev/admission/read-content.ts";
import { createClusterAdmission } from "../dev/built-in/cluster-admission.ts";
import { labelMistakes } from "../dev/built-in/formats.ts";
import { fieldPath, isObject, type JsonObject, type Step, textAt, valueAt } from "../dev/json.ts";
import { KindRegistry } from "../dev/kube/kind-registry.ts";
import type { Kind } from "../dev/kube/kind.ts";
import { nameOf, namespaceOf } from "../dev/kube/object.ts";
import { ObjectStore } from "../dev/kube/object-store.ts";
import { StatusError } from "../dev/kube/status.ts";
import { duplicateObject, parseFieldPath, statusProblems } from "../dev/manifest/manifest-problem.ts";
import type { Manifest } from "../dev/manifest/manifest.ts";
import { middlewareSchemas } from "../middleware/schemas.ts";
import { tcpMiddlewareSchemas } from "../middleware/tcp/schemas.ts";
import { validateObject } from "../provider/kubernetes/crd/schemas.ts";
import { traefikDefinitions } from "../provider/kubernetes/definition/definitions.ts";
import type { Problem } from "../schema/problem.ts";
import { hintFor } from "../schema/suggest.ts";
import { describePlace, type Finding } from "./finding.ts";
import { placed, type PlacedManifest } from "./place.ts";
import { readable } from "./unreadable.ts";
import { whyUnknown } from "./served-kinds.ts";

/** An object of a known kind. */
export interface CheckedObject extends PlacedManifest {
  readonly kind: Kind;
  readonly name: string;
  /** With defaults; as written, where a server would refuse it. */
  readonly content: JsonObject;
}

/** What came of all manifests. */
export interface CheckedObjects {
  readonly objects: readonly CheckedObject[];
  readonly findings: readonly Finding[];
  /** Objects of kinds that nothing is known of. */
  readonly skipped: number;
}

/** Checks each object by itself. @param namespace of objects that name none */
export function checkObjects(manifests: readonly Manifest[], namespace: string): CheckedObjects {
  const gate = new ObjectGate(namespace);
  for (const manifest of inOrder(manifests)) gate.add(manifest);
  return gate;
}

/** Definitions first: other objects are of their kinds. */
function inOrder(manifests: readonly Manifest[]): Manifest[] {
  const isDefinition = ({ content }: Manifest) => textAt(content, "kind") === "CustomResourceDefinition";
  return [...manifests.filter(isDefinition), ...manifests.filter((manifest) => !isDefinition(manifest))];
}

class ObjectGate implements CheckedObjects {
  readonly findings: Finding[] = [];
  skipped = 0;
  readonly #objects = new Map<string, CheckedObject>();
  readonly #namespace: string;
  readonly #kinds = new KindRegistry();
  readonly #store = new ObjectStore();
  readonly #admit: ReturnType<typeof createAdmission>;

  constructor(namespace: string) {
    this.#namespace = namespace;
    for (const definition of traefikDefinitions({ http: middlewareSchemas, tcp: tcpMiddlewareSchemas })) {
      this.#kinds.declare({ ...definition });
    }
    const cluster = createClusterAdmission({ store: this.#store, kinds: this.#kinds });
    // Accounts and classes are rarely in the same files; what is not there is no fault.
    this.#admit = createAdmission(undefined, { ...cluster, complete: (object) => object });
  }

  get objects(): readonly CheckedObject[] {
    return [...this.#objects.values()];
  }

  add(manifest: Manifest): void {
    const { content } = manifest;
    const [apiVersion, kindName] = [textAt(content, "apiVersion") ?? "", textAt(content, "kind") ?? ""];
    if (apiVersion === "" || kindName === "") return this.#refuseIdentity(manifest);
    const kind = this.#kinds.named(apiVersion, kindName);
    if (kind === undefined) return this.#addUnknown(manifest, apiVersion, kindName);
    const namespace = kind.namespaced ? namespaceOf(content) || this.#namespace : "";
    const object = { manifest, namespace, kind, name: nameOf(content), content };
    const twin = this.#twinOf(object);
    const found = formProblems(object);
    const admitted = this.#admitted(object, found);
    if (kind.kind === "CustomResourceDefinition" && admitted !== undefined) this.#kinds.declare(admitted);
    this.findings.push(...found.map((problem) => placed(object, problem)));
    if (twin !== undefined) this.findings.push(twinFinding(object, twin));
    this.#objects.set(keyOf(object), { ...object, content: admitted ?? withNamespace(object) });
  }

  /** An object of the same name: the later one takes its place, as with kubectl. */
  #twinOf(object: CheckedObject): CheckedObject | undefined {
    const twin = object.name === "" ? undefined : this.#objects.get(keyOf(object));
    if (twin === undefined) return undefined;
    this.#store.remove(twin.kind, twin.namespace, twin.name);
    this.#objects.delete(keyOf(object));
    return twin;
  }

  /** @returns the object as a server would store it; undefined when it would not, which is added to what was found */
  #admitted(object: CheckedObject, found: Problem[]): JsonObject | undefined {
    const { kind, content, namespace, manifest } = object;
    if (found.some(({ code }) => code === "unreadable-value")) return undefined;
    const draft: Draft = { kind, content, namespace, name: undefined, previous: undefined, fieldValidation: "Ignore" };
    try {
      const admitted = this.#admit(draft).object;
      this.#store.put(kind, admitted);
      return admitted;
    } catch (thrown) {
      if (!(thrown instanceof StatusError)) throw thrown;
      const causes = withoutEchoes(content, statusProblems(manifest, namespace, thrown));
      found.push(...causes.filter((problem) => isNews(problem, found)));
      return undefined;
    }
  }

  #addUnknown(manifest: Manifest, apiVersion: string, kind: string): void {
    const why = whyUnknown(apiVersion, kind, this.#kinds);
    if (why === undefined) this.skipped++;
    else this.#report(manifest, { severity: "error", code: "unknown-kind", ...why, path: ["apiVersion"] });
  }

  #refuseIdentity(manifest: Manifest): void {
    const field = (textAt(manifest.content, "apiVersion") ?? "") === "" ? "apiVersion" : "kind";
    const message = `"${field}" is missing: every Kubernetes object has apiVersion, kind and metadata.name`;
    this.#report(manifest, { severity: "error", code: "missing-field", message, path: [] });
  }

  #report(manifest: Manifest, problem: Problem): void {
    this.findings.push(placed({ manifest, namespace: namespaceOf(manifest.content) || this.#namespace }, problem));
  }
}

/** What weir's own schemas and those of the embedded API make of an object. */
function formProblems({ kind, content }: CheckedObject): Problem[] {
  const own = kind.custom ? validateObject(content, middlewareSchemas, tcpMiddlewareSchemas) : [];
  const found = [...own.map(asRefused), ...namespaceProblems(content)];
  const read = readContent(kind, content);
  if (!read.ok) {
    const failures = (read.failures ?? [{ why: read.why, path: ["metadata"] }]).map(({ why, path }) =>
      readable(content, why, path)
    );
    return [...found, ...failures.filter((problem) => isNews(problem, found))];
  }
  const told = new Set(found.map(({ path }) => fieldPath(path ?? [])));
  return [
    ...found,
    ...read.unknown.filter((field) => !told.has(field)).map((field) => unknownField(kind, parseFieldPath(field))),
  ];
}

/** Namespaces that no cluster can have; an API server says no more than that there is none. */
function namespaceProblems(content: JsonObject): Problem[] {
  const path = ["metadata", "namespace"];
  return labelMistakes(namespaceOf(content) || "default").map((mistake) => ({
    severity: "error",
    code: "invalid-value",
    message: `metadata.namespace: Invalid value: ${JSON.stringify(namespaceOf(content))}: ${mistake}`,
    path,
  }));
}

/** kubectl refuses objects with unknown fields, and a cluster without kubectl's help drops the fields. */
function asRefused(problem: Problem): Problem {
  const isDropped = problem.code === "unknown-field" || problem.code === "unknown-middleware";
  return isDropped ? { ...problem, severity: "error" } : problem;
}

function unknownField(kind: Kind, path: readonly Step[]): Problem {
  const name = String(path.at(-1) ?? "");
  const hint = hintFor(name, knownFields(kind, path.slice(0, -1)));
  return {
    severity: "error",
    code: "unknown-field",
    message: `unknown field ${JSON.stringify(name)}`,
    ...(hint !== undefined && { hint }),
    path,
  };
}

function knownFields(kind: Kind, path: readonly Step[]): string[] {
  let schema = kind.schema;
  for (const step of path) {
    const { items, properties, additionalProperties }: NonNullable<typeof schema> = schema ?? {};
    const values = typeof additionalProperties === "object" ? additionalProperties : undefined;
    schema = typeof step === "number" ? items : properties?.[step] ?? values;
  }
  return Object.keys(schema?.properties ?? {});
}

/** Several steps look at the same fields; the first one's words are the better ones. */
function isNews({ path = [], message }: Problem, known: readonly Problem[]): boolean {
  if (message.startsWith("<nil>")) return false; // that rules were not run
  const field = fieldPath(path);
  return !known.some((each) => {
    if (each.severity !== "error") return false;
    const other = fieldPath(each.path ?? []);
    return field === other || field.startsWith(`${other}.`) || other.startsWith(`${field}.`) && other !== "";
  });
}

/** A default that follows from a wrong value is wrong too, and nobody wrote it. */
function withoutEchoes(content: JsonObject, causes: readonly Problem[]): Problem[] {
  const isWritten = ({ path = [] }: Problem) => valueAt(content, ...path) !== undefined;
  const parentOf = ({ path = [] }: Problem) => fieldPath(path.slice(0, -1));
  return causes.filter((cause) =>
    isWritten(cause) || !causes.some((each) => isWritten(each) && parentOf(each) === parentOf(cause)) ||
    cause.message.includes("Required value")
  );
}

function twinFinding(object: CheckedObject, twin: CheckedObject): Finding {
  const position = twin.manifest.place(["metadata", "name"]);
  const { message, ...problem } = duplicateObject(object.manifest, twin.manifest);
  const path = ["metadata", "name"];
  return {
    ...placed(object, {
      ...problem,
      path,
      message: message.replace(/is also in .*$/, `is also in ${describePlace(position)}`),
    }),
    related: { position, message: "the other one" },
  };
}

function withNamespace({ content, namespace }: CheckedObject): JsonObject {
  const metadata = content["metadata"];
  if (namespace === "" || !isObject(metadata)) return content;
  return { ...content, metadata: { ...metadata, namespace } };
}

function keyOf({ kind, namespace, name }: CheckedObject): string {
  return `${kind.group}/${kind.kind} ${namespace}/${name}`;
}
