// Files, as far as configuration needs them, on node:fs.

import { readFile, stat } from "node:fs/promises";
import type { Files } from "../../src/net/runtime.ts";
import { openAppender } from "./append.ts";
import { scan } from "./scan.ts";
import { watchPath } from "./watch.ts";

/** The runtime's files. */
export const files: Files = {
  readText: (path) => readFile(path, "utf8"),
  list: async (path) => {
    await stat(path); // a path that is not there is an error, an empty folder is not
    return (await scan(path)).files;
  },
  exists: (path) => stat(path).then(() => true, () => false),
  watch: watchPath,
  append: openAppender,
};
