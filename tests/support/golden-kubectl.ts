// Recorded kubectl commands: read, run again, and compared without what is never twice the same.

import { readFile } from "node:fs/promises";

/** A command as it was run against a real API server. */
export interface RecordedCommand {
  readonly name: string;
  readonly argv: readonly string[];
  /** What the file after `-f` held. */
  readonly file?: string | null;
  /** A signal's name when the recorder ended it. */
  readonly exit: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a command did, comparable. */
export interface CommandOutcome {
  readonly exit: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The commands of a recording, in their order. */
export async function readRecordedCommands(path: string): Promise<readonly RecordedCommand[]> {
  const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line));
}

/** Ages, times, addresses and identities are replaced by words, and columns lose their width. */
export function comparable({ exit, stdout, stderr }: CommandOutcome): CommandOutcome {
  return { exit, stdout: withoutChance(stdout), stderr: withoutChance(stderr) };
}

const replacements: readonly (readonly [pattern: RegExp, word: string])[] = [
  [/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "UID"],
  [/\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| [+-]\d{4})?/g, "TIME"],
  [/\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}/g, "TIME"],
  [/\b10\.(?:96|\d+)\.\d+\.\d+\b/g, "ADDRESS"],
  [/(resourceVersion: |"resourceVersion": |Resource Version: +)"?\d+"?/gi, "$1VERSION"],
  [/0xc[0-9a-f]{8,}/g, "POINTER"],
  [/(?:\/tmp\/)?(?:LIVE|MERGED)-\d+/g, "FOLDER"],
  [/(?<=\s|^)(?:<invalid>|(?:\d+[smhd])+)(?=\s|$)/gm, "AGE"],
  [/[ \t]+$/gm, ""],
  [/ {2,}/g, "  "],
];

function withoutChance(text: string): string {
  return replacements.reduce((rest, [pattern, word]) => rest.replace(pattern, word), text);
}
