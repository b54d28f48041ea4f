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

/** Walks the flat event list of the first document into a tree of offsets. */
function buildTree(source: string): Node | undefined {
  const events = parseEvents(source, { maxDepth: 100 });
  const anchors = new Map<string, Node>();
  let at = events[0]?.type === EVENT_ID.DOCUMENT ? 1 : 0;

  const readNode = (keyStart?: number): Node | undefined => {
    const event = events[at++];
    if (event === undefined || event.type === EVENT_ID.POP || event.type === EVENT_ID.DOCUMENT) return undefined;
    const anchor = anchorOf(source, event);
    if (event.type === EVENT_ID.ALIAS) {
      const target = anchors.get(anchor ?? "");
      const start = Math.max(event.anchorStart - 1, 0);
      return {
        start,
        keyStart: keyStart ?? start,
        children: target?.children ?? new Map(),
        merged: target?.merged ?? [],
      };
    }
    const start = startOf(event) ?? keyStart ?? 0;
    const node: Node = { start, keyStart: keyStart ?? start, children: new Map(), merged: [] };
    if (anchor !== undefined) anchors.set(anchor, node);
    if (event.type === EVENT_ID.SEQUENCE) readItems(node);
    else if (event.type === EVENT_ID.MAPPING) readPairs(node);
    return node;
  };

  const readItems = (list: Node): void => {
    for (let index = 0; events[at]?.type !== EVENT_ID.POP && at < events.length; index++) {
      const item = readNode();
      if (item !== undefined) list.children.set(String(index), item);
    }
    at++;
  };

  const readPairs = (mapping: Node): void => {
    while (events[at]?.type !== EVENT_ID.POP && at < events.length) {
      const key = events[at];
      const name = key?.type === EVENT_ID.SCALAR ? getScalarValue(source, key) : undefined;
      const keyNode = readNode();
      const value = readNode(keyNode?.start);
      if (name === undefined || value === undefined) continue;
      if (name === "<<") mapping.merged.push(...(value.children.has("0") ? value.children.values() : [value]));
      else mapping.children.set(name, value);
    }
    at++;
  };

  return readNode();
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
