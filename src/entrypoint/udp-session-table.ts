// The sessions of a UDP entry point: a bounded number of them, and a flood of strangers does not drive out who is served.

import type { UdpSession } from "./udp-session.ts";

/** Share of the table that confirmed sessions can't be driven out of. */
const CONFIRMED_SHARE = 7 / 8;

/**
 * Sessions by key, in two generations, each in order of use:
 * ```
 * new        one datagram is all that is known: a flood with forged addresses makes only these
 *    │ the client sends again after it was answered
 *    ▼
 * confirmed  at most 7/8 of the table; beyond, the least recently used one becomes new again
 * ```
 * When the table is full, the least recently used new session goes. So whoever is in a conversation keeps it, however
 * many strangers come.
 */
export class UdpSessionTable {
  readonly #limit: number;
  readonly #confirmedLimit: number;
  /** Maps remember in which order keys were set: the first is the least recently used. */
  readonly #fresh = new Map<string, UdpSession>();
  readonly #confirmed = new Map<string, UdpSession>();

  /** @param limit sessions at most */
  constructor(limit: number) {
    this.#limit = Math.max(1, limit);
    this.#confirmedLimit = Math.floor(this.#limit * CONFIRMED_SHARE);
  }

  /** How many there are. */
  get size(): number {
    return this.#fresh.size + this.#confirmed.size;
  }

  /** The session of that key, which is used now. */
  use(key: string): UdpSession | undefined {
    const confirmed = this.#confirmed.get(key);
    if (confirmed !== undefined) {
      touch(this.#confirmed, key, confirmed);
      return confirmed;
    }
    const fresh = this.#fresh.get(key);
    if (fresh === undefined) return undefined;
    if (fresh.isConfirmed) this.#promote(key, fresh);
    else touch(this.#fresh, key, fresh);
    return fresh;
  }

  /** Makes room for one more. @returns the session that must go */
  victim(): UdpSession | undefined {
    if (this.size < this.#limit) return undefined;
    return first(this.#fresh) ?? first(this.#confirmed);
  }

  add(session: UdpSession): void {
    this.#fresh.set(session.key, session);
  }

  delete(session: UdpSession): void {
    for (const sessions of [this.#fresh, this.#confirmed]) {
      if (sessions.get(session.key) === session) sessions.delete(session.key);
    }
  }

  /** All of them, to be ended. */
  all(): UdpSession[] {
    return [...this.#fresh.values(), ...this.#confirmed.values()];
  }

  #promote(key: string, session: UdpSession): void {
    this.#fresh.delete(key);
    this.#confirmed.set(key, session);
    if (this.#confirmed.size <= this.#confirmedLimit) return;
    const oldest = first(this.#confirmed);
    if (oldest === undefined) return;
    this.#confirmed.delete(oldest.key);
    this.#fresh.set(oldest.key, oldest);
    oldest.isConfirmed = false;
  }
}

function touch(sessions: Map<string, UdpSession>, key: string, session: UdpSession): void {
  sessions.delete(key);
  sessions.set(key, session);
}

function first(sessions: ReadonlyMap<string, UdpSession>): UdpSession | undefined {
  for (const session of sessions.values()) return session;
  return undefined;
}
