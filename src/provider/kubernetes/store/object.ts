// What every Kubernetes object has, as far as weir reads it.

/** The parts of `metadata` that weir reads. */
export interface KubeMetadata {
  readonly name: string;
  /** Empty for objects of cluster scope. */
  readonly namespace: string;
  readonly resourceVersion: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** RFC 3339; empty when unknown. */
  readonly creationTimestamp: string;
}

/** An object as the API server sent it: its identity checked, the rest unknown. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: KubeMetadata;
  /** The whole object but its managed fields, for the schema of its kind. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** Group, version and kind, for items of lists that do not repeat them. */
export interface KindNames {
  readonly apiVersion: string;
  readonly kind: string;
}

/** @returns whether a value is a JSON object */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Reads an object that should be of the given kind. Items of built-in lists carry neither kind nor apiVersion
 * (measured on a real server), so these two may be absent, but not differ.
 * @returns undefined when the value is something else
 */
export function toKubeObject(value: unknown, expected: KindNames): KubeObject | undefined {
  if (!isRecord(value)) return undefined;
  const { kind = expected.kind, apiVersion = expected.apiVersion, metadata } = value;
  if (kind !== expected.kind || apiVersion !== expected.apiVersion || !isRecord(metadata)) return undefined;
  const name = textOf(metadata["name"]);
  if (name === "") return undefined;
  const { managedFields: _, ...kept } = metadata; // often larger than all the rest
  return {
    ...expected,
    metadata: {
      name,
      namespace: textOf(metadata["namespace"]),
      resourceVersion: textOf(metadata["resourceVersion"]),
      labels: textsOf(metadata["labels"]),
      annotations: textsOf(metadata["annotations"]),
      creationTimestamp: textOf(metadata["creationTimestamp"]),
    },
    raw: { ...expected, ...value, metadata: kept },
  };
}

/** The name under which a namespaced object is stored: `/` can't occur in either part. */
export function namespacedName(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function textsOf(value: unknown): Record<string, string> {
  const texts: Record<string, string> = {};
  if (!isRecord(value)) return texts;
  for (const [key, text] of Object.entries(value)) if (typeof text === "string") texts[key] = text;
  return texts;
}
