// Manifests as found in files: each object with its place, so that what is wrong with it can be pointed at.

import { parseDocuments, type YamlDocument } from "../../yaml/documents.ts";
import type { Files } from "../../net/runtime.ts";
import type { FilePosition, Problem } from "../../schema/problem.ts";
import { isObject, type JsonObject, listAt, type Step, textAt } from "../json.ts";

/** An object in a file. */
export interface Manifest {
  readonly content: JsonObject;
  readonly file: string;
  /** The place of a field's value (or of its key), or of the nearest field around it that has one. */
  readonly place: (path: readonly Step[], at?: "key" | "value") => FilePosition;
}

/** What a set of paths held. */
export interface ManifestSet {
  readonly manifests: readonly Manifest[];
  readonly problems: readonly Problem[];
  /** Files that could not be read as a whole: what they held before is still wanted. */
  readonly broken: ReadonlySet<string>;
}

const EXTENSION = /\.(ya?ml|json)$/i;

/** Reads all manifests of files and folders. Every failure is a problem; the rest is read on. */
export async function readManifests(files: Files, paths: readonly string[]): Promise<ManifestSet> {
  const manifests: Manifest[] = [];
  const problems: Problem[] = [];
  const broken = new Set<string>();
  for (const path of paths) {
    for (const file of await filesOf(files, path, problems, broken)) {
      await readFile(files, file, { manifests, problems, broken });
    }
  }
  return { manifests, problems, broken };
}

async function filesOf(
  files: Files,
  path: string,
  problems: Problem[],
  broken: Set<string>,
): Promise<readonly string[]> {
  try {
    const found = await files.list(path);
    return found.filter((file) => file === path || EXTENSION.test(file));
  } catch (thrown) {
    problems.push(unreadable(path, thrown));
    broken.add(path);
    return [];
  }
}

interface Collected {
  readonly manifests: Manifest[];
  readonly problems: Problem[];
  readonly broken: Set<string>;
}

async function readFile(files: Files, file: string, { manifests, problems, broken }: Collected): Promise<void> {
  let text: string;
  try {
    text = await files.readText(file);
  } catch (thrown) {
    problems.push(unreadable(file, thrown));
    broken.add(file);
    return;
  }
  for (const document of parseDocuments(text)) {
    if (document.error !== undefined) {
      broken.add(file);
      problems.push(syntaxProblem(file, document));
      continue;
    }
    for (const manifest of manifestsOf(file, document)) {
      if (textAt(manifest.content, "apiVersion") !== undefined && textAt(manifest.content, "kind") !== undefined) {
        manifests.push(manifest);
      } else problems.push(notAnObject(manifest));
    }
  }
}

/** A document's object, or the items of a `kind: List`. */
export function manifestsOf(file: string, document: YamlDocument): Manifest[] {
  const { value } = document;
  if (!isObject(value)) return [{ content: {}, file, place: placer(file, document, []) }];
  if (!(textAt(value, "kind") ?? "").endsWith("List") || !Array.isArray(value["items"])) {
    return [{ content: value, file, place: placer(file, document, []) }];
  }
  return listAt(value, "items").map((item, at) => {
    return { content: isObject(item) ? item : {}, file, place: placer(file, document, ["items", at]) };
  });
}

function placer(file: string, document: YamlDocument, prefix: readonly Step[]): Manifest["place"] {
  return (path, at = "value") => {
    const whole = [...prefix, ...path];
    for (let length = whole.length; length > 0; length--) {
      const found = document.positionOf(whole.slice(0, length), length === whole.length ? at : "key");
      if (found !== undefined) return { file, line: found.line, column: found.column };
    }
    return { file, line: document.line, column: 1 };
  };
}

function unreadable(file: string, thrown: unknown): Problem {
  const missing = typeof thrown === "object" && thrown !== null && "code" in thrown && thrown.code === "ENOENT";
  const why = thrown instanceof Error ? thrown.message : String(thrown);
  return {
    severity: "error",
    code: missing ? "missing-path" : "unreadable-file",
    message: missing
      ? `${JSON.stringify(file)} does not exist: a file or a folder was wanted`
      : `can't read ${file}: ${why}`,
    source: { type: "file", file },
  };
}

function syntaxProblem(file: string, { error, line }: YamlDocument): Problem {
  const column = error?.column === undefined ? {} : { column: error.column };
  return {
    severity: "error",
    code: "invalid-yaml",
    message: `the document can't be read: ${error?.message ?? ""}`,
    source: { type: "file", file, line: error?.line ?? line, ...column },
  };
}

function notAnObject({ place }: Manifest): Problem {
  return {
    severity: "warning",
    code: "not-an-object",
    message: "the document is not a Kubernetes object: apiVersion and kind were wanted",
    hint: "it is left out; keep other YAML out of the folder to silence this",
    source: { type: "file", ...place([]) },
  };
}
