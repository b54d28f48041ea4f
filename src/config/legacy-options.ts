// Start-up options of Traefik 1 that still work: what each means today. All others of its time are refused, with a hint.

import { isMapping } from "../schema/path.ts";
import type { FieldPath } from "../schema/path.ts";
import { parseBoolean } from "../schema/coerce.ts";
import type { Problem, Source } from "../schema/problem.ts";
import { type ResolvedName, resolveOptionName } from "./option-name.ts";
import type { OptionTree } from "./option-tree.ts";
import { staticSchema } from "./static.ts";

/** An option of Traefik 1. */
export interface LegacyOption {
  /** As it was documented: `web.address`. */
  readonly name: string;
  /** Whether it is switched on by being there. */
  readonly isSwitch: boolean;
  /** What to write today. */
  readonly hint: string;
  /** Today's options and their values. @param value a text; of switches `true` */
  readonly toModern: (value: string) => readonly (readonly [name: string, value: string])[];
}

const WEB: readonly (readonly [string, string])[] = [
  ["api.insecure", "true"],
  ["ping", "true"],
  ["metrics.prometheus", "true"],
];

/** Options of Traefik 1's Kubernetes provider that the one for Ingresses still has. */
const kubernetesOptions = [
  "endpoint",
  "token",
  "certAuthFilePath",
  "namespaces",
  "labelSelector",
  "ingressClass",
  "ingressEndpoint.ip",
  "ingressEndpoint.hostname",
  "ingressEndpoint.publishedService",
  "throttleDuration",
];

const options: readonly LegacyOption[] = [
  {
    name: "debug",
    isSwitch: true,
    hint: "write --log.level=DEBUG",
    toModern: () => [["log.level", "DEBUG"]],
  },
  {
    name: "web",
    isSwitch: true,
    hint: "write --api.insecure, --ping and --metrics.prometheus",
    toModern: () => WEB,
  },
  {
    name: "web.address",
    isSwitch: false,
    hint: "write --api.insecure, --ping, --metrics.prometheus and --entrypoints.traefik.address",
    toModern: (value) => [...WEB, ["entryPoints.traefik.address", value]],
  },
  {
    name: "kubernetes",
    isSwitch: true,
    hint: "write --providers.kubernetesingress",
    toModern: () => [["providers.kubernetesIngress", "true"]],
  },
  ...kubernetesOptions.map((option): LegacyOption => ({
    name: `kubernetes.${option}`,
    isSwitch: false,
    hint: `write --providers.kubernetesingress.${option}`,
    toModern: (value) => [[`providers.kubernetesIngress.${option}`, value]],
  })),
  {
    name: "defaultEntryPoints",
    isSwitch: false,
    hint: "write --entrypoints.<name>.asDefault",
    toModern: (value) =>
      value.split(",").map((name) => name.trim()).filter((name) => name !== "")
        .map((name) => [`entryPoints.${name}.asDefault`, "true"]),
  },
];

const byName = new Map(options.map((option) => [option.name.toLowerCase(), option]));
const SHORT: Readonly<Record<string, string>> = { d: "debug" };

/** Looks a name up, in any case, as flags spell it: dotted, without dashes. */
export function findLegacyOption(name: string): LegacyOption | undefined {
  const folded = name.toLowerCase();
  return byName.get(SHORT[folded] ?? folded);
}

/** Says that an option is an old one. @param spelled as the user wrote it */
export function legacyWarning({ hint }: LegacyOption, spelled: string, source: Source): Problem {
  return {
    severity: "warning",
    code: "legacy-option",
    message: `${JSON.stringify(spelled)} is an option of Traefik 1`,
    hint,
    source,
  };
}

/** Options of Traefik 1 found in a file. */
export interface LegacyFile {
  /** The document without them. */
  readonly rest: unknown;
  readonly found: readonly LegacySetting[];
  /** What stands beside them and means nothing today. */
  readonly refused: readonly FieldPath[];
}

/** One of them, and where it stands. */
export interface LegacySetting {
  readonly option: LegacyOption;
  readonly path: FieldPath;
  readonly value: string;
}

/** Takes them out of a document: `defaultEntryPoints`, `debug`, `[web]` and `[kubernetes]`. */
export function takeLegacyOptions(document: unknown): LegacyFile {
  const taken = { found: [], refused: [] };
  if (!isMapping(document)) return { rest: document, ...taken };
  const rest = Object.entries(document).filter(([name, value]) => {
    const isOld = byName.has(name.toLowerCase());
    if (isOld) takeOptions([name], value, taken);
    return !isOld;
  });
  return { rest: Object.fromEntries(rest), ...taken };
}

function takeOptions(
  path: FieldPath,
  value: unknown,
  taken: { readonly found: LegacySetting[]; readonly refused: FieldPath[] },
): void {
  const option = findLegacyOption(path.join("."));
  if (!isMapping(value)) {
    const text = Array.isArray(value) ? value.join(",") : String(value);
    if (option === undefined) taken.refused.push(path);
    else taken.found.push({ option, path, value: text });
    return;
  }
  if (option?.isSwitch === true) taken.found.push({ option, path, value: "true" });
  const fields = Object.entries(value);
  if (fields.length === 0 && option === undefined) taken.refused.push(path);
  for (const [field, inner] of fields) takeOptions([...path, field], inner, taken);
}

/** Sets what an old option means today. What is set already stays: today's own option wins. */
export function setLegacyOption(tree: OptionTree, option: LegacyOption, value: string, source: Source): void {
  if (option.isSwitch && parseBoolean(value) === false) return;
  for (const [name, text] of option.toModern(value)) {
    const resolved = resolveOptionName(staticSchema, name);
    if (!resolved.found) continue;
    const isList = resolved.facts.shape.kind === "array";
    if (!isList && tree.sourceOf(resolved.path) !== undefined) continue;
    setOption(tree, resolved, text, source);
  }
}

/** Sets an option that was found; a list gets one more item. */
export function setOption(
  tree: OptionTree,
  { path, facts }: Extract<ResolvedName, { found: true }>,
  value: string,
  source: Source,
): void {
  if (facts.shape.kind === "array") tree.append(path, value, source);
  else tree.set(path, value, source);
}
