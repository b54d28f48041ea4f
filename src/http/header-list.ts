// The headers of one message: original case, order and duplicates kept, looked up by lower-case key.

import { headerName } from "./header-name.ts";

const STRIDE = 3; // name as spelt, key, value

/**
 * An ordered list of headers with the member names of `Headers`.
 *
 * A list that was read from the wire stays text until somebody looks into it, because most requests pass through
 * unread. What is looked into becomes one flat array; the text is kept for as long as it is still true:
 * ```
 * text  "Host: a.test\r\nX-A: 1\r\n"        written as it is
 * items [ "Host", "host", "a.test",   "X-A", "x-a", "1",   … ]
 *         └───── covered by text ─────────────────────┘ └─ added since
 * ```
 */
export class HeaderList {
  #items: string[] = [];
  /** Lines as `Name: value\r\n`: those before all items while `#uncut`, else those of the first `#covered` items. */
  #text = "";
  #uncut = false;
  #covered = 0;
  /** The {@link role} bits that matter to framing, forwarding and routing of all names ever added. */
  roles = 0;

  /** Builds a list from pairs, for answers and tests. */
  static of(...pairs: readonly (readonly [string, string])[]): HeaderList {
    const list = new HeaderList();
    for (const [name, value] of pairs) list.append(name, value);
    return list;
  }

  /** How many header lines there are. */
  get size(): number {
    return this.#cut().length / STRIDE;
  }

  /** The name as spelt. @param index 0 to size-1 */
  nameAt(index: number): string {
    return this.#cut()[index * STRIDE] ?? "";
  }

  /** The name in lower case. */
  keyAt(index: number): string {
    return this.#cut()[index * STRIDE + 1] ?? "";
  }

  /** The value, without surrounding white space. */
  valueAt(index: number): string {
    return this.#cut()[index * STRIDE + 2] ?? "";
  }

  /** The value of the first header with that lower-case key. */
  first(key: string): string | undefined {
    const items = this.#cut();
    for (let at = 1; at < items.length; at += STRIDE) if (items[at] === key) return items[at + 1];
    return undefined;
  }

  /** The values of all headers with that lower-case key, in order. */
  all(key: string): string[] {
    const items = this.#cut();
    const values: string[] = [];
    for (let at = 1; at < items.length; at += STRIDE) if (items[at] === key) values.push(items[at + 1] ?? "");
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

  /**
   * Adds lines at the end, uncut.
   * @param text lines as `Name: value\r\n`, with valid names and values, one space and no other blanks around values
   * @param roles the names' bits of {@link role}, as far as they matter
   */
  appendText(text: string, roles: number): void {
    if (this.#items.length === 0) {
      this.#text += text;
      this.#uncut = true;
    } else cutLines(text, this.#items);
    this.roles |= roles;
  }

  /** Replaces the first line of that name and drops the others; appends when there is none. */
  set(name: string, value: string): void {
    const { key } = headerName(name);
    const items = this.#cut();
    for (let at = 0; at < items.length; at += STRIDE) {
      if (items[at + 1] !== key) continue;
      items[at] = name;
      items[at + 2] = value;
      this.#deleteFrom(at + STRIDE, key);
      this.#forgetText();
      return;
    }
    this.append(name, value);
  }

  /** Drops every line of that name. Any case. */
  delete(name: string): void {
    const key = name.toLowerCase();
    if (this.first(key) === undefined) return;
    this.#deleteFrom(0, key);
    this.#forgetText();
  }

  /** Drops the lines for which `drop` is true, in one pass. */
  deleteWhere(drop: (key: string, value: string, name: string) => boolean): void {
    const items = this.#cut();
    let kept = 0;
    for (let at = 0; at < items.length; at += STRIDE) {
      const [name = "", key = "", value = ""] = [items[at], items[at + 1], items[at + 2]];
      if (drop(key, value, name)) continue;
      items[kept] = name;
      items[kept + 1] = key;
      items[kept + 2] = value;
      kept += STRIDE;
    }
    if (kept === items.length) return;
    items.length = kept;
    this.#forgetText();
  }

  /** An independent copy. */
  clone(): HeaderList {
    const copy = new HeaderList();
    copy.#items = this.#items.slice();
    copy.#text = this.#text;
    copy.#uncut = this.#uncut;
    copy.#covered = this.#covered;
    copy.roles = this.roles;
    return copy;
  }

  /** The lines as `Name: value\r\n…`, latin1 characters, without the closing empty line. */
  toText(): string {
    const items = this.#items;
    let text = this.#text;
    for (let at = this.#uncut ? 0 : this.#covered; at < items.length; at += STRIDE) {
      text += `${items[at]}: ${items[at + 2]}\r\n`;
    }
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

  /** The flat array, with everything in it. */
  #cut(): string[] {
    if (!this.#uncut) return this.#items;
    const items = cutLines(this.#text, []);
    this.#covered = items.length;
    for (const item of this.#items) items.push(item);
    this.#items = items;
    this.#uncut = false;
    return items;
  }

  #forgetText(): void {
    this.#text = "";
    this.#covered = 0;
  }

  #deleteFrom(start: number, key: string): void {
    const items = this.#items;
    for (let at = start; at < items.length;) {
      if (items[at + 1] === key) items.splice(at, STRIDE);
      else at += STRIDE;
    }
  }
}

/** Cuts lines of the form `Name: value\r\n` into items. @returns `items` */
function cutLines(text: string, items: string[]): string[] {
  for (let at = 0; at < text.length;) {
    const colon = text.indexOf(":", at);
    const end = text.indexOf("\r\n", colon);
    const name = text.slice(at, colon);
    items.push(name, headerName(name).key, text.slice(colon + 2, end));
    at = end + 2;
  }
  return items;
}
