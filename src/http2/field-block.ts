// The fields of one header block while they are decoded: sorted into what frames the message and what goes on.

import type { HeadLimits } from "../http1/limits.ts";
import type { Field } from "./field.ts";
import { fieldKind } from "./field.ts";

/** One per connection, filled anew for each block. */
export class FieldBlock {
  method: string | undefined = undefined;
  scheme: string | undefined = undefined;
  authority: string | undefined = undefined;
  path: string | undefined = undefined;
  protocol: string | undefined = undefined;
  status: string | undefined = undefined;
  host: string | undefined = undefined;
  contentLength: string | undefined = undefined;
  te: string | undefined = undefined;
  expect: string | undefined = undefined;
  /** Cookie crumbs, joined as RFC 9113 §8.2.3 wants. */
  cookie: string | undefined = undefined;
  /** Regular fields as a `HeaderList` has them. */
  text = "";
  roles = 0;
  /** Why the message is malformed; undefined: so far it isn't. */
  fault: string | undefined = undefined;
  /** What there is too much of; undefined: nothing. */
  excess: string | undefined = undefined;
  /** A pseudo-field was there. */
  hasPseudo = false;
  readonly #limits: HeadLimits;
  #count = 0;
  #size = 0;
  #regular = false;

  constructor(limits: HeadLimits) {
    this.#limits = limits;
  }

  /** Makes room for the next block. */
  clear(): void {
    this.method =
      this.scheme =
      this.authority =
      this.path =
      this.protocol =
      this.status =
        undefined;
    this.host =
      this.contentLength =
      this.te =
      this.expect =
      this.cookie =
        undefined;
    this.text = "";
    this.roles = 0;
    this.fault = this.excess = undefined;
    this.hasPseudo = false;
    this.#count = 0;
    this.#size = 0;
    this.#regular = false;
  }

  /** Takes a field. Beyond the limits none is kept: what HPACK makes of a few bytes may be large. */
  add(field: Field): void {
    this.#size += field.size;
    if (this.#size > this.#limits.headBytes) this.excess ??= `the header fields exceed ${this.#limits.headBytes} bytes`;
    if (this.excess !== undefined) return;
    const { kind } = field;
    if (kind >= fieldKind.method && kind <= fieldKind.status) this.#addPseudo(kind, field.value);
    else this.#addRegular(field, kind);
  }

  #addRegular(field: Field, kind: number): void {
    this.#regular = true;
    if (++this.#count > this.#limits.headers) this.excess ??= "there are too many header fields";
    if (field.size > this.#limits.lineBytes) this.excess ??= "a header field is too long";
    if (kind === fieldKind.regular) {
      this.text += field.line;
      this.roles |= field.roles;
    } else this.#addSpecial(field, kind);
  }

  #addPseudo(kind: number, value: string): void {
    this.hasPseudo = true;
    if (this.#regular) return this.#refuse("a pseudo-field follows a header field");
    if (kind === fieldKind.method) this.method = this.#once(this.method, value);
    else if (kind === fieldKind.path) this.path = this.#once(this.path, value);
    else if (kind === fieldKind.authority) this.authority = this.#once(this.authority, value);
    else if (kind === fieldKind.scheme) this.scheme = this.#once(this.scheme, value);
    else if (kind === fieldKind.status) this.status = this.#once(this.status, value);
    else this.protocol = this.#once(this.protocol, value);
  }

  #addSpecial(field: Field, kind: number): void {
    const { value } = field;
    if (kind === fieldKind.cookie) this.cookie = this.cookie === undefined ? value : `${this.cookie}; ${value}`;
    else if (kind === fieldKind.contentLength) this.contentLength = this.#once(this.contentLength, value);
    else if (kind === fieldKind.host) this.host = this.#once(this.host, value);
    else if (kind === fieldKind.te) this.te = this.#once(this.te, value);
    else if (kind === fieldKind.expect) this.expect = this.#once(this.expect, value);
    else if (kind === fieldKind.bad) this.#refuse(faultOf(field));
  }

  #once(before: string | undefined, value: string): string {
    if (before !== undefined) this.#refuse("a field that may be there once is repeated");
    return value;
  }

  #refuse(reason: string): void {
    this.fault ??= reason;
  }
}

function faultOf({ name }: Field): string {
  if (name.startsWith(":")) return "an unknown pseudo-field, or one with a malformed value";
  return /^[a-z-]+$/.test(name)
    ? `the field ${name} is malformed or forbidden in HTTP/2`
    : "a field's name is malformed";
}
