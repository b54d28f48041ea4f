// Where measurements run, and what all kinds of them share.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Contender } from "./contenders.ts";
import type { Daemon } from "./daemon.ts";

/** Where a measurement runs. */
export interface Lab {
  /** Private, removed at the end. */
  readonly folder: string;
  readonly origin: Daemon;
  readonly seconds: number;
  readonly rounds: number;
  /** Told of each measurement. */
  readonly progress: (text: string) => void;
}

/** Each round begins with another proxy, so that none always follows the same neighbour. */
export function rotate<T>(list: readonly T[], by: number): readonly T[] {
  const at = list.length === 0 ? 0 : by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

let sites = 0;

/** Makes a folder for one proxy's files. */
export function siteFolder({ folder }: Pick<Lab, "folder">, { proxy }: Pick<Contender, "proxy">): string {
  const path = join(folder, `${sites++}-${proxy}`);
  mkdirSync(path);
  return path;
}
