// Where in a YAML text each value stands: what diagnostics point at.

import { EVENT_ID, getScalarValue, parseEvents } from "js-yaml";
import type { Event } from "js-yaml";
import { parseRepaired } from "./repair.ts";

/** A place in a text. Both count from 1. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** The steps to a value: mapping keys and list indices. */
export type ValuePath = readonly (string | number)[];

/** Finds the place of the key (or list item) a path ends at, or of its value. Mapping keys also match without case. */
export type PositionLookup = (path: ValuePath, at?: "key" | "value") => TextPosition | undefined;

interface Node {
  readonly start: number;
  readonly keyStart: number;
  /** Mapping values by key; list items by their index as text. */
  readonly children: Map<string, Node>;
  /** Mappings merged in with `<<`. */
  readonly merged: Node[];
}

/**
 * Indexes the first document of a text. Positions are counted in that text.
 * @returns undefined when the text does not parse
 */
export function indexPositions(text: string): PositionLookup | undefined {
  try {
    const { value, padding } = parseRepaired(text, (source) => ({ source, root: buildTree(source) }));
    const { source, root } = value;
    if (root === undefined) return undefined;
    const lineStarts = startsOfLines(source);
    return (path, at = "key") => {
      const node = findNode(root, path);
      if (node === undefined) return undefined;
      return toPosition(at === "key" ? node.keyStart : node.start, lineStarts, padding);
    };
  } catch {
    return undefined; // the caller has the parser's own complaint, with its place
  }
}

function findNode(root: Node, path: ValuePath): Node | undefined {
  let node: Node | undefined = root;
  for (const step of path) {
    node = node && childOf(node, String(step));
    if (node === undefined) return undefined;
  }
  return node;
}

function childOf(node: Node, key: string): Node | undefined {
  const exact = node.children.get(key);
  if (exact !== undefined) return exact;
  const folded = key.toLowerCase();
  for (const [name, child] of node.children) if (name.toLowerCase() === folded) return child;
  for (const merged of node.merged) {
    const child = childOf(merged, key);
    if (child !== undefined) return child;
  }
  return undefined;
}

function buildTree(source: string): Node | undefined {
  return new TreeBuilder(source).build();
}

/** Walks the flat event list of the first document into a tree of offsets. */
class TreeBuilder {
  readonly #source: string;
  readonly #events: readonly Event[];
  readonly #anchors = new Map<string, Node>();
  #at = 0;

  constructor(source: string) {
    this.#source = source;
    this.#events = parseEvents(source, { maxDepth: 100 });
  }

  build(): Node | undefined {
    if (this.#events[0]?.type === EVENT_ID.DOCUMENT) this.#at = 1;
    return this.#read();
  }

  #read(keyStart?: number): Node | undefined {
    const event = this.#events[this.#at++];
    if (event === undefined || event.type === EVENT_ID.POP || event.type === EVENT_ID.DOCUMENT) return undefined;
    const anchor = anchorOf(this.#source, event);
    if (event.type === EVENT_ID.ALIAS) return aliasNode(event.anchorStart, keyStart, this.#anchors.get(anchor ?? ""));
    const start = startOf(event) ?? keyStart ?? 0;
    const node: Node = { start, keyStart: keyStart ?? start, children: new Map(), merged: [] };
    if (anchor !== undefined) this.#anchors.set(anchor, node);
    if (event.type === EVENT_ID.SEQUENCE) this.#readItems(node);
    else if (event.type === EVENT_ID.MAPPING) this.#readPairs(node);
    return node;
  }

  #readItems(list: Node): void {
    for (let index = 0; this.#hasMore(); index++) {
      const item = this.#read();
      if (item !== undefined) list.children.set(String(index), item);
    }
    this.#at++;
  }

  #readPairs(mapping: Node): void {
    while (this.#hasMore()) {
      const key = this.#events[this.#at];
      const name = key?.type === EVENT_ID.SCALAR ? getScalarValue(this.#source, key) : undefined;
      const keyNode = this.#read();
      const value = this.#read(keyNode?.start);
      if (name === undefined || value === undefined) continue;
      if (name === "<<") mapping.merged.push(...(value.children.has("0") ? value.children.values() : [value]));
      else mapping.children.set(name, value);
    }
    this.#at++;
  }

  #hasMore(): boolean {
    return this.#at < this.#events.length && this.#events[this.#at]?.type !== EVENT_ID.POP;
  }
}

/** An alias stands where it is written, and holds what its anchor holds. */
function aliasNode(nameStart: number, keyStart: number | undefined, target: Node | undefined): Node {
  const start = Math.max(nameStart - 1, 0);
  const { children = new Map<string, Node>(), merged = [] } = target ?? {};
  return { start, keyStart: keyStart ?? start, children, merged };
}

function anchorOf(source: string, event: Event): string | undefined {
  if (!("anchorStart" in event) || event.anchorStart < 0) return undefined;
  return source.slice(event.anchorStart, event.anchorEnd);
}

function startOf(event: Event): number | undefined {
  if (event.type === EVENT_ID.SCALAR) {
    if (event.valueStart < 0) return undefined;
    const quoted = event.style === 2 || event.style === 3;
    return quoted ? event.valueStart - 1 : event.valueStart;
  }
  return "start" in event ? event.start : undefined;
}

function startsOfLines(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

function toPosition(
  offset: number,
  lineStarts: readonly number[],
  padding: ReadonlyMap<number, number>,
): TextPosition {
  let low = 0;
  let high = lineStarts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((lineStarts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  const column = offset - (lineStarts[low] ?? 0) - (padding.get(low) ?? 0) + 1;
  return { line: low + 1, column: Math.max(column, 1) };
}
