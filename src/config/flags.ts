// Command line flags as Traefik reads them: the schema decides what a name means and whether it takes a value.

import { coerce } from "../schema/coerce.ts";
import type { Problem } from "../schema/problem.ts";
import type { Layer } from "./layer.ts";
import { findLegacyOption, type LegacyOption, legacyWarning, setLegacyOption, setOption } from "./legacy-options.ts";
import { resolveOptionName } from "./option-name.ts";
import type { ResolvedName } from "./option-name.ts";
import { OptionTree } from "./option-tree.ts";
import { hintForRemoved } from "./removed-options.ts";
import type { Shape } from "../schema/shape.ts";
import { staticSchema } from "./static.ts";

/** What the command line says. */
export interface ParsedFlags {
  readonly layer: Layer;
  /** `--configFile` */
  readonly configFile: string | undefined;
}

/** `-c` is Traefik 1's. */
const CONFIG_FILE: readonly string[] = ["configfile", "c"];

/**
 * Reads flags: `-x` or `--x`, `--x=value` or `--x value`. Names are case-insensitive. Booleans and blocks take
 * no value unless it comes after `=`; below open blocks (`tracing`, `certificatesResolvers.<name>`, …) an option that
 * no value follows is `true`. Lists are given by repetition, by commas, or as `x[0].y`.
 * @param args without sub-command
 */
export function parseFlags(args: readonly string[]): ParsedFlags {
  const reader = new FlagReader(args);
  reader.read();
  const { tree, problems, configFile } = reader;
  return { layer: toLayer(tree, problems), configFile };
}

class FlagReader {
  readonly tree = new OptionTree();
  readonly problems: Problem[] = [];
  configFile: string | undefined = undefined;
  readonly #args: readonly string[];
  #at = 0;

  constructor(args: readonly string[]) {
    this.#args = args;
  }

  read(): void {
    while (this.#at < this.#args.length) {
      const arg = this.#args[this.#at++] ?? "";
      const match = /^--?([^=\s-][^=]*)(?:=([\s\S]*))?$/.exec(arg);
      if (match === null) this.problems.push(unexpectedArgument(arg, this.#args[this.#at - 2]));
      else this.#readFlag(match[1] ?? "", match[2]);
    }
  }

  #readFlag(name: string, inline: string | undefined): void {
    if (CONFIG_FILE.includes(name.toLowerCase())) {
      this.configFile = this.#value(name, inline) ?? this.configFile;
      return;
    }
    const resolved = resolveOptionName(staticSchema, name);
    if (!resolved.found) return this.#readUnknown(name, inline, resolved);
    const { facts: { shape: { kind } } } = resolved;
    const value = this.#isSwitch(kind) ? inline ?? "true" : this.#value(name, inline);
    if (value !== undefined) setOption(this.tree, resolved, value, sourceOfFlag(name));
  }

  #readUnknown(name: string, inline: string | undefined, resolved: ResolvedName & { found: false }): void {
    const legacy = findLegacyOption(name);
    if (legacy !== undefined) {
      const value = legacy.isSwitch ? inline ?? "true" : this.#value(name, inline);
      if (value !== undefined) this.#setLegacy(legacy, name, value);
      return;
    }
    this.problems.push(unknownFlag(name, resolved));
    // What looks like its value is no problem of its own.
    if (inline === undefined && this.#args[this.#at]?.startsWith("-") === false) this.#at++;
  }

  #setLegacy(legacy: LegacyOption, name: string, value: string): void {
    const source = sourceOfFlag(name);
    this.problems.push(legacyWarning(legacy, source.flag, source));
    setLegacyOption(this.tree, legacy, value, source);
  }

  /** Inside an open block nobody knows which options are switches: one that no value follows is. */
  #isSwitch(kind: Shape["kind"]): boolean {
    if (kind !== "any") return kind === "boolean" || kind === "object";
    const next = this.#args[this.#at];
    return next === undefined || /^--?[a-z]/i.test(next);
  }

  /** What comes after `=`, else the next argument. */
  #value(name: string, inline: string | undefined): string | undefined {
    const next = this.#args[this.#at];
    if (inline !== undefined) return inline;
    if (next === undefined || next.startsWith("--")) {
      this.problems.push(missingValue(name));
      return undefined;
    }
    this.#at++;
    return next;
  }
}

function sourceOfFlag(name: string): { readonly type: "flag"; readonly flag: string } {
  return { type: "flag", flag: name.length === 1 ? `-${name}` : `--${name}` };
}

function toLayer(tree: OptionTree, problems: readonly Problem[]): Layer {
  const { value } = coerce(staticSchema, tree.toValue());
  return { name: "flags", value, problems, sourceOf: (path) => tree.sourceOf(path) };
}

function unknownFlag(name: string, resolved: ResolvedName & { found: false }): Problem {
  const removed = hintForRemoved(name);
  const { suggestion, known } = resolved;
  const few = known.length > 0 && known.length <= 12 ? `known here: ${known.join(", ")}` : undefined;
  const hint = removed ?? (suggestion === undefined ? few : `did you mean "--${suggestion}"?`);
  return {
    severity: "error",
    code: "unknown-flag",
    message: `unknown flag "--${name}"`,
    ...(hint !== undefined && { hint }),
    source: { type: "flag", flag: `--${name}` },
  };
}

function missingValue(name: string): Problem {
  return {
    severity: "error",
    code: "missing-value",
    message: `the flag "--${name}" needs a value`,
    hint: `write --${name}=VALUE`,
    source: { type: "flag", flag: `--${name}` },
  };
}

function unexpectedArgument(arg: string, before: string | undefined): Problem {
  const flag = before?.startsWith("-") && !before.includes("=") ? before : undefined;
  return {
    severity: "error",
    code: "unexpected-argument",
    message: `unexpected argument ${JSON.stringify(arg)}`,
    hint: flag === undefined
      ? "options begin with --"
      : `${flag} takes no value; if you mean to set it, write ${flag}=${arg}`,
  };
}
