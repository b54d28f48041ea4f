// Checks texts in this process, and the files that say in comments what is wrong with them.

import { readdir, readFile } from "node:fs/promises";
import { runtime } from "#runtime";
import { checkInputs, type CheckReport } from "../../src/check/check.ts";
import { type Finding, positionOf } from "../../src/check/finding.ts";
import type { CheckInput } from "../../src/check/input.ts";
import { projectRoot } from "./runtimes.ts";

/** Checks files given as texts by name. */
export function checkTexts(
  texts: Readonly<Record<string, string>>,
  flags: readonly string[] = [],
  namespace = "default",
): CheckReport {
  return checkInputs(inputsOf(texts), { runtime, flags, namespace });
}

/** Texts by name as they would have been read, each named by itself. */
export function inputsOf(texts: Readonly<Record<string, string>>): CheckInput[] {
  return Object.entries(texts).map(([file, text]) => ({ file, text, isNamed: true }));
}

/** `a.yaml:3:5 error unknown-field` */
export function briefly(finding: Finding): string {
  const { file = "", line = 0, column = 0 } = positionOf(finding) ?? {};
  return `${file}:${line}:${column} ${finding.severity} ${finding.code}`;
}

/** A file, or a folder of files that belong together, and what is to be found there. */
export interface Faulty {
  readonly name: string;
  readonly inputs: readonly CheckInput[];
  /** `fixtures/check/broken/a.yaml:3:5 unknown-field`, sorted. */
  readonly expected: readonly string[];
}

const FOLDER = "fixtures/check/broken";
const EXPECTATION = /^# expect: (\S+) (\S+)$/gm;

/** Reads all faulty files of the fixtures. */
export async function readFaulty(): Promise<readonly Faulty[]> {
  const entries = await readdir(`${projectRoot}${FOLDER}`, { withFileTypes: true });
  return await Promise.all(entries.map(async (entry) => {
    const path = `${FOLDER}/${entry.name}`;
    const names = entry.isDirectory()
      ? (await readdir(`${projectRoot}${path}`)).map((each) => `${path}/${each}`)
      : [path];
    const inputs = await Promise.all(
      names.sort().map(async (file) => {
        return { file, text: await readFile(`${projectRoot}${file}`, "utf8"), isNamed: true };
      }),
    );
    const expected = inputs.flatMap(({ file, text }) =>
      [...text.matchAll(EXPECTATION)].map(([, place, code]) => `${file}:${place} ${code}`)
    );
    return { name: entry.name, inputs, expected: expected.sort() };
  }));
}
