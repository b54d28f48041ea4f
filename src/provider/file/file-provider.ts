// The file provider: one file, or a folder of files, watched; a broken file keeps serving its last good version.

import { emptyConfiguration } from "../../config/dynamic.ts";
import type { DynamicConfiguration } from "../../config/dynamic.ts";
import { readDynamicFile } from "../../config/dynamic-file.ts";
import type { DecodeOptions } from "../../config/decode.ts";
import { ConfigurationJoiner } from "../../config/join.ts";
import { CONFIGURATION_ENDINGS } from "../../config/source-document.ts";
import type { Runtime } from "../../net/runtime.ts";
import type { Problem } from "../../schema/problem.ts";
import type { Provider, ProviderState } from "../provider.ts";
import { readPemFiles } from "./pem-files.ts";

/** Where the files are. Exactly one of `filename` and `directory` is set. */
export interface FileProviderOptions {
  readonly filename?: string | undefined;
  /** Read recursively: `.toml`, `.yaml`, `.yml` and `.json` files, in the order of their paths. */
  readonly directory?: string | undefined;
  /** Follows changes. */
  readonly watch: boolean;
  /** Default: all middlewares weir has. */
  readonly middlewares?: DecodeOptions["middlewares"] | undefined;
}

/** One file as it was read last. */
interface FileVersion {
  /** undefined: it could not be read. */
  readonly text: string | undefined;
  readonly configuration: DynamicConfiguration;
  readonly problems: readonly Problem[];
}

const SECOND_LOOK_MS = 500; // a change between the first reading and the watcher's first look would go unseen
const EMPTY_RETRY_MS = 50; // a program that saves by truncating leaves the file empty for a moment

/** Makes a provider named `file`. Nothing is read before `start`. */
export function createFileProvider(
  options: FileProviderOptions,
  runtime: Pick<Runtime, "files">,
): Provider {
  return new FileProvider(options, runtime);
}

class FileProvider implements Provider {
  readonly name = "file";
  readonly #options: FileProviderOptions;
  readonly #files: Runtime["files"];
  readonly #path: string;
  /** The last version of each file that could be read whole. */
  #good = new Map<string, FileVersion>();
  #known = new Map<string, FileVersion>();
  #update: ((state: ProviderState) => void) | undefined = undefined;
  #unwatch: (() => void) | undefined = undefined;
  #secondLook: ReturnType<typeof setTimeout> | undefined = undefined;
  #reading: Promise<void> | undefined = undefined;
  #changed = false;
  #told = "";
  /** PEM files that the configuration names, each with the end of its watch. */
  readonly #pemWatches = new Map<string, () => void>();

  constructor(options: FileProviderOptions, runtime: Pick<Runtime, "files">) {
    this.#options = options;
    this.#files = runtime.files;
    this.#path = options.filename ?? options.directory ?? "";
  }

  start(update: (state: ProviderState) => void): void {
    this.#update = update;
    if (this.#options.watch) {
      this.#unwatch = this.#files.watch(this.#path, () => this.#readSoon());
      this.#secondLook = setTimeout(() => this.#readSoon(), SECOND_LOOK_MS);
    }
    this.#readSoon();
  }

  reload(): void {
    this.#readSoon();
  }

  async stop(): Promise<void> {
    this.#update = undefined;
    clearTimeout(this.#secondLook);
    this.#unwatch?.();
    this.#unwatch = undefined;
    await this.#reading;
    for (const unwatch of this.#pemWatches.values()) unwatch();
    this.#pemWatches.clear();
  }

  /** One reading at a time; a change during it causes one more. */
  #readSoon(): void {
    this.#changed = true;
    this.#reading ??= this.#readWhileChanged().finally(() => {
      this.#reading = undefined;
    });
  }

  async #readWhileChanged(): Promise<void> {
    while (this.#changed && this.#update !== undefined) {
      this.#changed = false;
      const { configuration, problems } = await this.#read();
      const withTexts = await readPemFiles(configuration, (path) => this.#files.readText(path));
      this.#watchPem(withTexts.files);
      this.#tell({ configuration: withTexts.configuration, problems });
    }
  }

  #watchPem(files: ReadonlySet<string>): void {
    if (!this.#options.watch || this.#update === undefined) return;
    for (const [file, unwatch] of this.#pemWatches) {
      if (files.has(file)) continue;
      unwatch();
      this.#pemWatches.delete(file);
    }
    for (const file of files) {
      if (!this.#pemWatches.has(file)) this.#pemWatches.set(file, this.#files.watch(file, () => this.#readSoon()));
    }
  }

  /** A file that was touched, or saved unchanged, is no news. */
  #tell(state: ProviderState): void {
    const text = JSON.stringify(state);
    if (text === this.#told) return;
    this.#told = text;
    this.#update?.(state);
  }

  async #read(): Promise<ProviderState> {
    const paths = await this.#list();
    if (typeof paths === "string") return this.#join([unreadable(this.#path, paths)]);
    const known = new Map<string, FileVersion>();
    const good = new Map<string, FileVersion>();
    for (const path of paths) {
      known.set(path, await this.#readFile(path));
      const version = this.#good.get(path);
      if (version !== undefined) good.set(path, version);
    }
    this.#known = known;
    this.#good = good; // files that are gone are forgotten
    return this.#join([]);
  }

  /** @returns the files, or why they can't be listed */
  async #list(): Promise<readonly string[] | string> {
    try {
      const paths = await this.#files.list(this.#path);
      if (this.#options.filename !== undefined) return paths.slice(0, 1);
      return paths.filter((path) => CONFIGURATION_ENDINGS.some((ending) => path.endsWith(ending)));
    } catch (error) {
      return reasonOf(error);
    }
  }

  async #readFile(path: string): Promise<FileVersion> {
    const before = this.#good.get(path);
    let text: string;
    try {
      text = await this.#readText(path, before !== undefined);
    } catch (error) {
      return {
        text: undefined,
        configuration: before?.configuration ?? emptyConfiguration,
        problems: [unreadable(path, reasonOf(error))],
      };
    }
    // the same objects again are neither merged nor built again
    const same = [this.#known.get(path), before].find((version) => version?.text === text);
    if (same !== undefined) return same;
    const { configuration, problems, broken } = readDynamicFile(path, text, this.#decodeOptions());
    if (broken && before !== undefined) {
      return { text, configuration: before.configuration, problems: problems.map(keptOld) };
    }
    const version = { text, configuration, problems };
    if (!broken) this.#good.set(path, version);
    return version;
  }

  async #readText(path: string, hadContent: boolean): Promise<string> {
    const text = await this.#files.readText(path);
    if (text.trim() !== "" || !hadContent) return text;
    await new Promise((resolve) => setTimeout(resolve, EMPTY_RETRY_MS));
    return await this.#files.readText(path);
  }

  #decodeOptions(): Pick<DecodeOptions, "middlewares"> {
    const { middlewares } = this.#options;
    return middlewares === undefined ? {} : { middlewares };
  }

  #join(problems: readonly Problem[]): ProviderState {
    const all = [...problems];
    const joiner = new ConfigurationJoiner();
    for (const version of this.#known.values()) all.push(...version.problems, ...joiner.add(version.configuration));
    return { configuration: joiner.configuration, problems: all };
  }
}

function unreadable(path: string, reason: string): Problem {
  return {
    severity: "error",
    code: "unreadable",
    message: `can't read ${JSON.stringify(path)}: ${reason}`,
    source: { type: "file", file: path },
  };
}

function keptOld(problem: Problem): Problem {
  if (problem.code !== "syntax") return problem;
  return { ...problem, message: `${problem.message}; the last good version of the file stays in force` };
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT") return "there is no such file or folder";
  if (code === "EACCES" || code === "EPERM") return "permission denied";
  return error instanceof Error ? error.message : String(error);
}
