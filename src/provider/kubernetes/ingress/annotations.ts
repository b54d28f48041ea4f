// Annotations of one object as options: Traefik's of today, dotted like flags, and those of Traefik 1, one word each.

import type * as z from "zod";
import { resolveOptionName } from "../../../config/option-name.ts";
import { OptionTree } from "../../../config/option-tree.ts";
import { coerce } from "../../../schema/coerce.ts";
import { toProblems } from "../../../schema/issues.ts";
import type { FieldPath } from "../../../schema/path.ts";
import type { Problem } from "../../../schema/problem.ts";
import { factsOf } from "../../../schema/shape.ts";
import { suggest } from "../../../schema/suggest.ts";
import { sourceOf } from "../parse.ts";
import type { KubeObject } from "../store/object.ts";
import { type LegacyName, legacyNameOf, PREFIX } from "./annotation-names.ts";

/** What annotations an object of a kind may have. */
export interface Vocabulary<Modern, Legacy> {
  readonly kind: "Ingress" | "Service";
  /** What today's names begin with. */
  readonly section: "router" | "service";
  readonly modern: z.ZodType<Modern>;
  /** Each field's description says what does its work today. */
  readonly legacy: z.ZodType<Legacy>;
  /** The names of Traefik 1 that belong to the other kind. */
  readonly elsewhere: z.ZodType;
}

/** What the annotations of an object say. */
export interface Annotations<Modern, Legacy> {
  /** Absent when an annotation has a value that can't be used: whatever the object describes must not serve. */
  readonly value?: { readonly modern: Modern; readonly legacy: Legacy };
  readonly problems: readonly Problem[];
  /** Full names by option: `router.tls.options` or, of Traefik 1, `rule-type`. */
  readonly names: ReadonlyMap<string, string>;
}

/** Reads them all. Annotations of other programs are left alone. */
export function readAnnotations<Modern, Legacy>(
  object: KubeObject,
  vocabulary: Vocabulary<Modern, Legacy>,
): Annotations<Modern, Legacy> {
  const reader = new AnnotationReader(object, vocabulary);
  for (const [name, value] of Object.entries(object.metadata.annotations)) reader.add(name, value);
  return reader.finish();
}

const OTHERS = {
  Ingress: { kind: "Service", section: "service" },
  Service: { kind: "Ingress", section: "router" },
} as const;

class AnnotationReader<Modern, Legacy> {
  readonly #problems: Problem[] = [];
  readonly #names = new Map<string, string>();
  readonly #object: KubeObject;
  readonly #vocabulary: Vocabulary<Modern, Legacy>;
  readonly #modern = new OptionTree();
  readonly #legacy = new Map<string, LegacyName & { readonly value: string }>();

  constructor(object: KubeObject, vocabulary: Vocabulary<Modern, Legacy>) {
    this.#object = object;
    this.#vocabulary = vocabulary;
  }

  add(full: string, value: string): void {
    const legacy = legacyNameOf(full);
    if (legacy === undefined) return;
    const { section } = this.#vocabulary;
    const isOurs = legacy.rank > 0; // `ingress.kubernetes.io/` is used by other controllers, too
    if (full.startsWith(PREFIX) && legacy.short.toLowerCase().startsWith(`${section}.`)) {
      this.#addModern(full, legacy.short.slice(section.length + 1), value);
    } else if (fieldsOf(this.#vocabulary.legacy).includes(legacy.short)) this.#addLegacy(legacy, value);
    else if (isOurs) this.#addUnknown(full, legacy.short);
  }

  finish(): Annotations<Modern, Legacy> {
    for (const { short, full } of this.#legacy.values()) this.#tellLegacy(short, full);
    const given = Object.fromEntries([...this.#legacy].map(([short, { value }]) => [short, value]));
    const modern = this.#parse(this.#vocabulary.modern, this.#modern.toValue(), [this.#vocabulary.section]);
    const legacy = this.#parse(this.#vocabulary.legacy, given, []);
    const [problems, names] = [this.#problems, this.#names];
    if (modern === undefined || legacy === undefined) return { problems, names };
    return { value: { modern: modern.value, legacy: legacy.value }, problems, names };
  }

  #addModern(full: string, option: string, value: string): void {
    const resolved = resolveOptionName(this.#vocabulary.modern, option);
    if (!resolved.found) {
      const { suggestion, known } = resolved;
      const few = known.length > 0 && known.length <= 12 ? `known here: ${known.join(", ")}` : undefined;
      const { section } = this.#vocabulary;
      const hint = suggestion === undefined ? few : `did you mean "${PREFIX}${section}.${suggestion.toLowerCase()}"?`;
      this.#warn(full, { code: "unknown-annotation", message: `unknown annotation ${JSON.stringify(full)}`, hint });
      return;
    }
    const { path, facts } = resolved;
    this.#names.set([this.#vocabulary.section, ...path].join("."), full);
    const source = { type: "flag", flag: full } as const;
    if (facts.shape.kind === "array") this.#modern.append(path, value, source);
    else this.#modern.set(path, value, source);
  }

  /** Of several spellings of one annotation the one that Traefik 1 preferred wins. */
  #addLegacy(legacy: LegacyName, value: string): void {
    const known = this.#legacy.get(legacy.short);
    if (known !== undefined && known.rank <= legacy.rank) return;
    this.#legacy.set(legacy.short, { ...legacy, value });
    this.#names.set(legacy.short, legacy.full);
  }

  #tellLegacy(short: string, full: string): void {
    const { shape } = factsOf(this.#vocabulary.legacy);
    const field = shape.kind === "object" ? shape.fields[short] : undefined;
    const modern = field === undefined ? undefined : factsOf(field).description;
    const message = `${JSON.stringify(full)} is an annotation of Traefik 1`;
    this.#warn(full, { code: "legacy-annotation", message, hint: modern });
  }

  #addUnknown(full: string, option: string): void {
    const { kind, section, modern, legacy, elsewhere } = this.#vocabulary;
    const other = OTHERS[kind];
    const isElsewhere = option.toLowerCase().startsWith(`${other.section}.`) || fieldsOf(elsewhere).includes(option);
    if (isElsewhere) {
      const message = `${JSON.stringify(full)} has no effect on this ${kind}`;
      this.#warn(full, { code: "misplaced-annotation", message, hint: `it belongs to the ${other.kind}` });
      return;
    }
    const known = [...fieldsOf(modern).map((name) => `${section}.${name.toLowerCase()}`), ...fieldsOf(legacy)];
    const near = suggest(option, [...known, ...fieldsOf(elsewhere)]);
    const hint = near === undefined ? undefined : `did you mean "${PREFIX}${near}"?`;
    this.#warn(full, { code: "unknown-annotation", message: `unknown annotation ${JSON.stringify(full)}`, hint });
  }

  #parse<T>(schema: z.ZodType<T>, input: unknown, prefix: FieldPath): { readonly value: T } | undefined {
    const { value } = coerce(schema, input);
    const parsed = schema.safeParse(value);
    if (parsed.success) return { value: parsed.data };
    for (const problem of toProblems(parsed.error, { input: value, schema, source: sourceOf(this.#object) })) {
      const name = this.#nameOf([...prefix, ...problem.path ?? []]);
      this.#problems.push({ ...problem, path: ["metadata", "annotations", name] });
    }
    return undefined;
  }

  /** The annotation that set a field, or something around it. */
  #nameOf(path: FieldPath): string {
    for (let length = path.length; length > 0; length--) {
      const name = this.#names.get(path.slice(0, length).join("."));
      if (name !== undefined) return name;
    }
    return path.join(".");
  }

  #warn(full: string, text: { code: string; message: string; hint: string | undefined }): void {
    const { hint, ...rest } = text;
    this.#problems.push({
      severity: "warning",
      ...rest,
      ...(hint !== undefined && { hint }),
      source: sourceOf(this.#object),
      path: ["metadata", "annotations", full],
    });
  }
}

function fieldsOf(schema: z.ZodType): readonly string[] {
  const { shape } = factsOf(schema);
  return shape.kind === "object" ? Object.keys(shape.fields) : [];
}
