// Collects single options, in any order, into the tree a schema reads.

import { formatOptionName } from "./option-name.ts";
import type { Source } from "../schema/problem.ts";

type Path = readonly (string | number)[];

interface Node {
  /** What was given for this very path: texts, one per mention. */
  readonly values: string[];
  readonly children: Map<string | number, Node>;
}

/** Options set one by one, by flags or variables. */
export class OptionTree {
  readonly #root: Node = { values: [], children: new Map() };
  readonly #sources = new Map<string, Source>();

  /** Sets a plain option, replacing what was given before. */
  set(path: Path, value: string, source: Source): void {
    const { values } = this.#nodeAt(path, source);
    values.splice(0, values.length, value);
  }

  /** Adds to a list. */
  append(path: Path, value: string, source: Source): void {
    this.#nodeAt(path, source).values.push(value);
  }

  /** Who set the option, or something inside it. */
  sourceOf(path: Path): Source | undefined {
    return this.#sources.get(keyOf(path));
  }

  /** Plain objects, lists and texts. */
  toValue(): unknown {
    return this.#root.children.size === 0 ? {} : toValue(this.#root);
  }

  #nodeAt(path: Path, source: Source): Node {
    let node = this.#root;
    for (const [index, step] of path.entries()) {
      let child = node.children.get(step);
      if (child === undefined) {
        child = { values: [], children: new Map() };
        node.children.set(step, child);
      }
      node = child;
      const key = keyOf(path.slice(0, index + 1));
      if (index === path.length - 1 || !this.#sources.has(key)) this.#sources.set(key, source);
    }
    return node;
  }
}

function keyOf(path: Path): string {
  return formatOptionName(path).toLowerCase();
}

function toValue({ values, children }: Node): unknown {
  // `--ping=false --ping.entryPoint=web`: the block is off.
  const isOff = children.size > 0 && values.some((value) => /^(?:f|false|0)$/i.test(value));
  if (isOff) return false;
  if (children.size === 0) return values.length === 1 ? values[0] : values.flatMap((value) => value.split(","));
  const entries = [...children].map(([step, child]) => [step, toValue(child)] as const);
  if (entries.every(([step]) => typeof step === "number")) {
    return entries.toSorted(([a], [b]) => Number(a) - Number(b)).map(([, value]) => value);
  }
  return Object.fromEntries(entries.map(([step, value]) => [String(step), value]));
}
