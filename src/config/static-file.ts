// The static configuration file: where it is looked for, and what it says.

import type { Runtime } from "../net/runtime.ts";
import { coerce } from "../schema/coerce.ts";
import { quoteValue } from "../schema/issues.ts";
import { formatPath, isMapping } from "../schema/path.ts";
import type { Problem, Source } from "../schema/problem.ts";
import { mergeLayers, sourceOfOption } from "./layer.ts";
import type { Layer } from "./layer.ts";
import { legacyWarning, setLegacyOption, takeLegacyOptions } from "./legacy-options.ts";
import type { LegacySetting } from "./legacy-options.ts";
import { OptionTree } from "./option-tree.ts";
import { hintForRemoved } from "./removed-options.ts";
import { parseSource } from "./source-document.ts";
import { staticSchema } from "./static.ts";

/** A file that was found, read or not. */
export interface StaticFile {
  readonly path: string;
  /** Empty when it could not be read. */
  readonly text: string;
  readonly layer: Layer;
}

const ENDINGS = ["toml", "yaml", "yml"];
const BASE_NAMES = ["weir", "traefik"];

/** The places a file is looked for, the first one found is read. Traefik's, and the same with weir's name. */
export function staticFilePaths(env: Runtime["env"]): string[] {
  const folders = ["/etc/weir", "/etc/traefik"];
  if (env["XDG_CONFIG_HOME"]) folders.push(env["XDG_CONFIG_HOME"].replace(/\/+$/, ""));
  if (env["HOME"]) folders.push(`${env["HOME"].replace(/\/+$/, "")}/.config`);
  folders.push(".");
  return folders.flatMap((folder) => BASE_NAMES.flatMap((base) => ENDINGS.map((end) => `${folder}/${base}.${end}`)));
}

/**
 * Reads the named file, or the first one found in the usual places.
 * @param named a file that must exist; undefined: none is asked for
 * @returns undefined when there is none
 */
export async function readStaticFile(
  runtime: Pick<Runtime, "env" | "files">,
  named: string | undefined,
): Promise<StaticFile | undefined> {
  const path = named ?? await firstExisting(runtime);
  if (path === undefined) return undefined;
  try {
    const text = await runtime.files.readText(path);
    return { path, text, layer: parseStaticText(path, text) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const problem: Problem = {
      severity: "error",
      code: "unreadable",
      message: `can't read the configuration file ${JSON.stringify(path)}: ${reason}`,
      source: { type: "file", file: path },
    };
    return { path, text: "", layer: emptyLayer([problem]) };
  }
}

/** Reads a static configuration file's text. @param path decides the format */
export function parseStaticText(path: string, text: string): Layer {
  const documents = parseSource(path, text);
  const [document] = documents;
  if (document === undefined) return emptyLayer([]);
  const broken = documents.flatMap(({ problem }) => problem === undefined ? [] : [problem]);
  if (broken.length > 0) return emptyLayer(broken);
  if (!isMapping(document.value)) {
    const message = `a static configuration file must be a mapping, got ${quoteValue(document.value)}`;
    const source = document.sourceOf([], "value");
    return emptyLayer([{ severity: "error", code: "invalid-value", message, source }]);
  }
  const { rest, found, refused } = takeLegacyOptions(document.value);
  const { value, problems } = coerce(staticSchema, rest);
  const unknown = problems.map((problem): Problem => {
    const hint = problem.hint ?? hintForRemoved(formatPath(problem.path ?? []));
    return { ...problem, ...(hint !== undefined && { hint }), source: document.sourceOf(problem.path ?? [], "key") };
  });
  unknown.push(...refused.map((at) => refusedOption(formatPath(at), document.sourceOf(at, "key"))));
  if (documents.length > 1) unknown.push(severalDocuments(path));
  const layer: Layer = { name: "file", value, problems: unknown, sourceOf: document.sourceOf };
  return found.length === 0 ? layer : withLegacy(layer, found);
}

/** Puts what options of Traefik 1 mean today below what the file says otherwise. */
function withLegacy(layer: Layer, found: readonly LegacySetting[]): Layer {
  const tree = new OptionTree();
  const warnings: Problem[] = [];
  for (const { option, path, value } of found) {
    const source = layer.sourceOf(path, "key");
    if (source === undefined) continue;
    setLegacyOption(tree, option, value, source);
    warnings.push(legacyWarning(option, formatPath(path), source));
  }
  const legacy: Layer = {
    name: "file",
    value: coerce(staticSchema, tree.toValue()).value,
    problems: [],
    sourceOf: (path) => tree.sourceOf(path),
  };
  const layers = [layer, legacy];
  return {
    name: "file",
    value: mergeLayers(layers),
    problems: [...layer.problems, ...warnings],
    sourceOf: (path, at) => sourceOfOption(layers, path, at) ?? layer.sourceOf(path, at),
  };
}

function refusedOption(name: string, source: Source): Problem {
  const hint = hintForRemoved(name);
  const message = `the option ${JSON.stringify(name)} of Traefik 1 means nothing today`;
  return { severity: "error", code: "unknown-field", message, ...(hint !== undefined && { hint }), source };
}

async function firstExisting({ env, files }: Pick<Runtime, "env" | "files">): Promise<string | undefined> {
  for (const path of staticFilePaths(env)) if (await files.exists(path)) return path;
  return undefined;
}

function emptyLayer(problems: readonly Problem[]): Layer {
  return { name: "file", value: {}, problems, sourceOf: () => undefined };
}

function severalDocuments(file: string): Problem {
  return {
    severity: "error",
    code: "several-documents",
    message: "a static configuration file holds one document, got several",
    source: { type: "file", file },
  };
}
