// The headers of one message: original case, order and duplicates kept, looked up by lower-case key.

import { headerName } from "./header-name.ts";

const STRIDE = 3; // name as spelt, key, value

/**
 * An ordered list of headers with the member names of `Headers`.
 *
 * One flat array, because a message's headers are made and read once per request:
 * ```
 * [ "Host", "host", "a.test",   "X-A", "x-a", "1",   … ]
 * ```
 */
export class HeaderList {
  readonly #items: string[] = [];
  /** Union of the {@link role} bits of all names ever added. */
  roles = 0;

  /** Builds a list from pairs, for answers and tests. */
  static of(...pairs: readonly (readonly [string, string])[]): HeaderList {
    const list = new HeaderList();
    for (const [name, value] of pairs) list.append(name, value);
    return list;
  }

  /** How many header lines there are. */
  get size(): number {
    return this.#items.length / STRIDE;
  }

  /** The name as spelt. @param index 0 to size-1 */
  nameAt(index: number): string {
    return this.#items[index * STRIDE] ?? "";
  }

  /** The name in lower case. */
  keyAt(index: number): string {
    return this.#items[index * STRIDE + 1] ?? "";
  }

  /** The value, without surrounding white space. */
  valueAt(index: number): string {
    return this.#items[index * STRIDE + 2] ?? "";
  }

  /** The value of the first header with that lower-case key. */
  first(key: string): string | undefined {
    const items = this.#items;
    for (let at = 1; at < items.length; at += STRIDE) if (items[at] === key) return items[at + 1];
    return undefined;
  }

  /** The values of all headers with that lower-case key, in order. */
  all(key: string): string[] {
    const values: string[] = [];
    for (let index = 0; index < this.size; index++) if (this.keyAt(index) === key) values.push(this.valueAt(index));
    return values;
  }

  /** The values joined as `Headers.get` joins them (Cookie with `; `), or undefined. Any case. */
  get(name: string): string | undefined {
    const key = name.toLowerCase();
    const values = this.all(key);
    return values.length === 0 ? undefined : values.join(key === "cookie" ? "; " : ", ");
  }

  /** Any case. */
  has(name: string): boolean {
    return this.first(name.toLowerCase()) !== undefined;
  }

  /** Adds a line at the end. The caller has made sure that name and value are valid. */
  append(name: string, value: string): void {
    const { key, roles } = headerName(name);
    this.roles |= roles;
    this.#items.push(name, key, value);
  }

  /** {@link append} for a caller that has looked the name up already. */
  appendKnown(name: string, key: string, value: string): void {
    this.#items.push(name, key, value);
  }

  /** Replaces the first line of that name and drops the others; appends when there is none. */
  set(name: string, value: string): void {
    const { key } = headerName(name);
    const items = this.#items;
    for (let at = 0; at < items.length; at += STRIDE) {
      if (items[at + 1] !== key) continue;
      items[at] = name;
      items[at + 2] = value;
      this.#removeFrom(at + STRIDE, key);
      return;
    }
    this.append(name, value);
  }

  /** Drops every line of that name. Any case. */
  delete(name: string): void {
    this.#removeFrom(0, name.toLowerCase());
  }

  /** Drops the lines for which `drop` is true, in one pass. */
  deleteWhere(drop: (key: string, value: string, name: string) => boolean): void {
    const items = this.#items;
    let kept = 0;
    for (let at = 0; at < items.length; at += STRIDE) {
      const [name = "", key = "", value = ""] = [items[at], items[at + 1], items[at + 2]];
      if (drop(key, value, name)) continue;
      items[kept] = name;
      items[kept + 1] = key;
      items[kept + 2] = value;
      kept += STRIDE;
    }
    items.length = kept;
  }

  /** An independent copy. */
  clone(): HeaderList {
    const copy = new HeaderList();
    for (const item of this.#items) copy.#items.push(item);
    copy.roles = this.roles;
    return copy;
  }

  /** The lines as `Name: value\r\n…`, latin1 characters, without the closing empty line. */
  toText(): string {
    const items = this.#items;
    let text = "";
    for (let at = 0; at < items.length; at += STRIDE) text += `${items[at]}: ${items[at + 2]}\r\n`;
    return text;
  }

  /** A real `Headers`, for code that wants one. */
  toHeaders(): Headers {
    const headers = new Headers();
    for (const [name, value] of this) headers.append(name, value);
    return headers;
  }

  *[Symbol.iterator](): IterableIterator<[name: string, value: string]> {
    for (let index = 0; index < this.size; index++) yield [this.nameAt(index), this.valueAt(index)];
  }

  #removeFrom(start: number, key: string): void {
    const items = this.#items;
    for (let at = start; at < items.length;) {
      if (items[at + 1] === key) items.splice(at, STRIDE);
      else at += STRIDE;
    }
  }
}
