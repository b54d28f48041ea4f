// The files of a check: those that are named, those below folders, and standard input.

import { CONFIGURATION_ENDINGS } from "../config/source-document.ts";
import type { Runtime } from "../net/runtime.ts";

/** A file and its text. */
export interface CheckInput {
  readonly file: string;
  readonly text: string;
  /** Asked for by its own name, and not found in a folder. */
  readonly isNamed: boolean;
}

/** What a set of paths holds. */
export interface ReadInputs {
  readonly inputs: readonly CheckInput[];
  /** One sentence for each path that can't be read. */
  readonly failures: readonly string[];
}

/** Stands for standard input among the paths. */
export const STDIN = "-";

/** How standard input is called in findings. */
const STDIN_NAME = "<stdin>";

/** What nobody keeps manifests in; a folder of a repository holds much of it. */
const IGNORED = /(?:^|\/)(?:\.[^/]+|node_modules)\//;

/** Reads files, folders and standard input. A file that is reached twice is read once. */
export async function readInputs(
  runtime: Pick<Runtime, "files" | "readStdin">,
  paths: readonly string[],
): Promise<ReadInputs> {
  const inputs = new Map<string, CheckInput>();
  const failures: string[] = [];
  for (const path of paths) {
    try {
      for (const input of await readPath(runtime, path)) inputs.set(input.file, inputs.get(input.file) ?? input);
    } catch (thrown) {
      failures.push(`can't read ${path === STDIN ? "standard input" : JSON.stringify(path)}: ${reasonOf(thrown)}`);
    }
  }
  return { inputs: [...inputs.values()], failures };
}

async function readPath(
  { files, readStdin }: Pick<Runtime, "files" | "readStdin">,
  path: string,
): Promise<CheckInput[]> {
  if (path === STDIN) return [{ file: STDIN_NAME, text: await readStdin(), isNamed: true }];
  const clean = path.replace(/\/{2,}/g, "/").replace(/^(?:\.\/+)+(?=.)/, "").replace(/(?<=.)\/+$/, "");
  const found = await files.list(clean);
  const isFile = found.length === 1 && found[0] === clean;
  const below = (file: string): string => clean === "." ? file : file.slice(clean.length);
  const wanted = isFile ? found : found.filter((file) => isWanted(below(file)));
  const inputs: CheckInput[] = [];
  for (const file of wanted) inputs.push({ file, text: await files.readText(file), isNamed: isFile });
  return inputs;
}

function isWanted(file: string): boolean {
  return CONFIGURATION_ENDINGS.some((ending) => file.endsWith(ending)) && !IGNORED.test(file);
}

function reasonOf(thrown: unknown): string {
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  if (code === "ENOENT") return "there is no such file or folder";
  if (code === "EACCES" || code === "EPERM") return "permission denied";
  return thrown instanceof Error ? thrown.message : String(thrown);
}
