// The manifests in the seed documents, as their readers would copy them out: fenced or not, one by one, numbered.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** One manifest of a seed document. */
export interface SeedBlock {
  /** `000` to `004`. */
  readonly seed: string;
  /** Counts the manifests of the document, from `01`. */
  readonly block: string;
  /** Line of the document on which the text begins. */
  readonly line: number;
  readonly text: string;
}

const FENCE = /^```/;
const YAML_FENCE = /^```yaml\s*$/;
const BEGINS_OBJECT = /^(?:apiVersion|kind): /;
const LIST_OF_LINE_NUMBERS = /^ {2}• /; // what a code box leaves behind when its page is copied
const TEMPLATE = /\{\{ *\.?([\w.]+) *\}\}/g;

/** Reads all seed documents. @param folder with the files `NNN_….txt` */
export async function readSeedBlocks(folder: string): Promise<readonly SeedBlock[]> {
  const files = (await readdir(folder)).filter((file) => /^\d{3}_.*\.txt$/.test(file)).sort();
  const blocks = files.map(async (file) =>
    extractSeedBlocks(file.slice(0, 3), await readFile(join(folder, file), "utf8"))
  );
  return (await Promise.all(blocks)).flat();
}

/** The manifests of one document; other YAML (values of charts, commands) is left out. */
export function extractSeedBlocks(seed: string, document: string): readonly SeedBlock[] {
  const lines = document.split("\n");
  const found = lines.some((line) => YAML_FENCE.test(line)) ? fenced(lines) : unfenced(lines);
  return found.filter(({ text }) => isManifest(text)).map((block, index) => ({
    seed,
    block: String(index + 1).padStart(2, "0"),
    ...block,
  }));
}

type Found = Pick<SeedBlock, "line" | "text">;

function isManifest(text: string): boolean {
  return /^apiVersion: /m.test(text) && /^kind: /m.test(text);
}

function fenced(lines: readonly string[]): Found[] {
  const found: Found[] = [];
  for (let at = 0; at < lines.length; at++) {
    if (!YAML_FENCE.test(lines[at] ?? "")) continue;
    const end = lines.findIndex((line, index) => index > at && FENCE.test(line));
    found.push({ line: at + 2, text: toText(lines.slice(at + 1, end)) });
    at = end;
  }
  return found;
}

/** A manifest begins where a line says what it is, and ends where the page goes on. */
function unfenced(lines: readonly string[]): Found[] {
  const found: Found[] = [];
  for (let at = 0; at < lines.length; at++) {
    if (!BEGINS_OBJECT.test(lines[at] ?? "")) continue;
    let end = at;
    while (end < lines.length && lines[end] !== "" && !LIST_OF_LINE_NUMBERS.test(lines[end] ?? "")) end++;
    found.push({ line: at + 1, text: toText(lines.slice(at, end)) });
    at = end;
  }
  return found;
}

function toText(lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}

/** Puts back what seed 004's first block lost on its way: a line `volumes:` and a `---`. */
export function mendSeed004(text: string): string {
  return text
    .replace(/^ {6}- name: config$/m, "      volumes:\n$&")
    .replace(/^( {2}type: NodePort)\n(apiVersion: v1)$/m, "$1\n---\n$2");
}

/** The documents of a manifest, each on its own. */
export function documentsOf(text: string): readonly string[] {
  return text.split(/^---\s*\n/m).filter((document) => document.trim() !== "");
}

/** Fills in Helm's placeholders. @param values by their path: `Release.Namespace` */
export function renderTemplate(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(TEMPLATE, (placeholder, path: string) => values[path] ?? placeholder);
}
