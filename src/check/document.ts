// Files → documents, told apart by what they hold: Kubernetes objects, routing, or start-up options.

import { parseSource, type SourceDocument } from "../config/source-document.ts";
import { takeLegacyOptions } from "../config/legacy-options.ts";
import { staticSchema } from "../config/static.ts";
import { type Manifest, manifestsOf } from "../dev/manifest/manifest.ts";
import { isMapping } from "../schema/path.ts";
import type { Problem } from "../schema/problem.ts";
import { hintFor, suggest } from "../schema/suggest.ts";
import { parseDocuments, type YamlDocument } from "../yaml/documents.ts";
import type { Finding } from "./finding.ts";
import type { CheckInput } from "./input.ts";

/** What the files hold. */
export interface Documents {
  readonly manifests: readonly Manifest[];
  readonly dynamic: readonly SourceDocument[];
  /** Files of start-up options, whole. */
  readonly statics: readonly CheckInput[];
  readonly findings: readonly Finding[];
  /** Texts of files of which a document could not be read: what they would have held is not known. */
  readonly unread: readonly string[];
  /** How many documents there are. */
  readonly count: number;
}

const DYNAMIC_KEYS = ["http", "tcp", "udp", "tls"];
const STATIC_KEYS = Object.keys(staticSchema.shape);
const FOLDED_STATIC_KEYS: ReadonlySet<string> = new Set(STATIC_KEYS.map((key) => key.toLowerCase()));
/** Objects of kustomize may leave out what they are: their file's name says it. */
const KUSTOMIZATION = /(?:^|\/)kustomization\.ya?ml$|(?:^|\/)Kustomization$/;

type Sort = "manifest" | "dynamic" | "static" | "mixed" | "unknown";

/** Sorts out the documents of all files. */
export function sortDocuments(inputs: readonly CheckInput[]): Documents {
  const sorter = new Sorter();
  for (const input of inputs) sorter.add(input);
  return sorter;
}

class Sorter implements Documents {
  readonly manifests: Manifest[] = [];
  readonly dynamic: SourceDocument[] = [];
  readonly statics: CheckInput[] = [];
  readonly findings: Finding[] = [];
  readonly unread: string[] = [];
  count = 0;

  add(input: CheckInput): void {
    const { file } = input;
    const text = withoutTabs(input.text);
    const documents = parseSource(file, text);
    // Values of manifests are read as kubectl reads them: there `yes` is a boolean.
    const objects = file.endsWith(".toml") ? [] : parseDocuments(text);
    this.count += documents.length;
    if (documents.some(({ value }) => sortOf(value) === "static")) {
      this.statics.push({ ...input, text });
      return;
    }
    for (const [index, document] of documents.entries()) {
      if (document.problem === undefined) this.#addDocument(input, document, objects[index]);
      else this.#addBroken(input, document.problem);
    }
  }

  #addBroken(input: CheckInput, problem: Problem): void {
    this.unread.push(input.text);
    this.findings.push(explainSyntax(problem, input.text));
  }

  #addDocument(input: CheckInput, document: SourceDocument, object: YamlDocument | undefined): void {
    const sort = sortOf(document.value);
    if (sort === "dynamic") this.dynamic.push(document);
    else if (sort === "manifest" && object?.error === undefined && object !== undefined) {
      this.manifests.push(...manifestsOf(input.file, object));
    } else if (!isForOthers(input)) this.findings.push(unknownDocument(document, sort));
  }
}

/** Folders hold JSON of all kinds, and kustomize's own files. */
function isForOthers({ file, isNamed }: CheckInput): boolean {
  return !isNamed && (file.endsWith(".json") || KUSTOMIZATION.test(file));
}

/** JSON may be indented with tabs, which YAML refuses; inside its strings there are none. */
function withoutTabs(text: string): string {
  return /^\s*[{[]/.test(text) ? text.replaceAll("\t", " ") : text;
}

function sortOf(value: unknown): Sort {
  if (!isMapping(value)) return "unknown";
  if ("apiVersion" in value || "kind" in value) return "manifest";
  const keys = Object.keys(value).map((key) => key.toLowerCase());
  const isDynamic = keys.some((key) => DYNAMIC_KEYS.includes(key));
  const isStatic = keys.some((key) => FOLDED_STATIC_KEYS.has(key));
  if (isDynamic) return isStatic ? "mixed" : "dynamic";
  if (isStatic || takeLegacyOptions(value).found.length > 0) return "static";
  return "metadata" in value && ("spec" in value || "data" in value) ? "manifest" : "unknown";
}

function unknownDocument({ value, sourceOf }: SourceDocument, sort: Sort): Finding {
  if (!isMapping(value)) {
    const message = "the document is neither a Kubernetes object nor a configuration: it must be a mapping";
    return { severity: "error", code: "unknown-document", message, source: sourceOf([], "value") };
  }
  const keys = Object.keys(value);
  const [first = ""] = keys;
  if (sort === "mixed") {
    const option = keys.find((key) => FOLDED_STATIC_KEYS.has(key.toLowerCase())) ?? first;
    return {
      severity: "error",
      code: "mixed-configuration",
      message: `${JSON.stringify(option)} is a start-up option, and routing stands beside it in the same document`,
      hint: "keep start-up options in one file, and http, tcp, udp and tls in another one, for providers.file",
      source: sourceOf([option], "key"),
    };
  }
  const known = [...DYNAMIC_KEYS, "apiVersion", "kind", ...STATIC_KEYS];
  const mistyped = keys.find((key) => suggest(key, known) !== undefined);
  if (mistyped !== undefined) {
    const hint = hintFor(mistyped, known);
    const message = `unknown field ${JSON.stringify(mistyped)}`;
    const source = sourceOf([mistyped], "key");
    return { severity: "error", code: "unknown-field", message, ...(hint !== undefined && { hint }), source };
  }
  return {
    severity: "warning",
    code: "unknown-document",
    message: "the document is neither a Kubernetes object nor a configuration of weir",
    hint: "wanted: apiVersion and kind; or http, tcp, udp or tls; or entryPoints, providers and the like",
    source: first === "" ? sourceOf([], "value") : sourceOf([first], "key"),
  };
}

const TEMPLATE = /\{\{-?\s*(?:\.|include|if|range|with|template|toYaml|end\b)/;

function explainSyntax(problem: Problem, text: string): Finding {
  if (/duplicat/.test(problem.message)) {
    const message = problem.message.replace("the file can't be read: ", "");
    const { hint: _, ...rest } = problem;
    return {
      ...rest,
      code: "duplicate-key",
      message,
      hint: "remove one of the two: which one counts differs by program",
    };
  }
  if (!TEMPLATE.test(text)) return problem;
  const hint = "this is a template of Helm: render it first, as in `helm template … | weir check -`";
  return { ...problem, code: "template", hint, ...templatePlace(problem, text) };
}

/** The first placeholder, at or after the place that the parser gave up at. */
function templatePlace({ source }: Problem, text: string): Pick<Problem, "source"> {
  if (source?.type !== "file") return {};
  const lines = text.split("\n");
  const from = Math.max((source.line ?? 1) - 1, 0);
  const at = lines.findIndex((line, index) => index >= from && TEMPLATE.test(line));
  const column = lines[at]?.search(TEMPLATE) ?? -1;
  return column === -1 ? {} : { source: { ...source, line: at + 1, column: column + 1 } };
}
