// One dynamic configuration file: every document in it, decoded and put together.

import type { Problem } from "../schema/problem.ts";
import { decodeDynamic } from "./decode.ts";
import type { Decoded, DecodeOptions } from "./decode.ts";
import { ConfigurationJoiner } from "./join.ts";
import { parseSource } from "./source-document.ts";

/** A file's configuration. */
export interface DynamicFile extends Decoded {
  /** A document could not be read at all: its parts are unknown, not absent. */
  readonly broken: boolean;
}

/**
 * Reads a dynamic configuration file's text. Never throws: what is wrong becomes problems with places.
 * @param file decides the format (`.toml`, `.yaml`, `.yml`, `.json`) and is named in problems
 */
export function readDynamicFile(
  file: string,
  text: string,
  options: Pick<DecodeOptions, "middlewares"> = {},
): DynamicFile {
  const problems: Problem[] = [];
  const joiner = new ConfigurationJoiner();
  let broken = false;
  for (const document of parseSource(file, text)) {
    if (document.problem !== undefined) {
      problems.push(document.problem);
      broken = true;
      continue;
    }
    const decoded = decodeDynamic(document.value, { ...options, sourceOf: document.sourceOf });
    problems.push(...decoded.problems, ...joiner.add(decoded.configuration));
  }
  return { configuration: joiner.configuration, problems, broken };
}
