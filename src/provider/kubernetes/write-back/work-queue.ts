// Work to do by key, a few at a time: what is asked for twice is done once, later is possible, and a pause loses nothing.

import type { Clock } from "../client/clock.ts";

/** What a queue works with. */
export interface WorkQueueOptions {
  readonly clock: Pick<Clock, "now">;
  /** How many keys are worked on at once. */
  readonly concurrency: number;
  /** Must not reject. @returns milliseconds until the same key is due again; undefined: done */
  readonly work: (key: string) => Promise<number | undefined>;
}

/** Keys that are due now or later. Closed at first: keys are kept, and nothing is worked on. */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  /** Key → when it is due. Keys that are worked on may be here again. */
  readonly #due: Map<string, number>;
  readonly #running: Map<string, Promise<void>>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #armedFor: number;
  #isOpen: boolean;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
    this.#due = new Map();
    this.#running = new Map();
    this.#timer = undefined;
    this.#armedFor = 0;
    this.#isOpen = false;
  }

  /** Keys that wait. */
  get size(): number {
    return this.#due.size;
  }

  has(key: string): boolean {
    return this.#due.has(key);
  }

  /** Of two times for one key the earlier counts. */
  add(key: string, delayMs = 0): void {
    const dueAt = this.#options.clock.now() + delayMs;
    const known = this.#due.get(key);
    if (known !== undefined && known <= dueAt) return;
    this.#due.set(key, dueAt);
    this.#arm(dueAt);
  }

  remove(key: string): void {
    this.#due.delete(key);
  }

  /** Works from now on. */
  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#pump();
  }

  /** Begins nothing more; what runs goes on. */
  close(): void {
    this.#isOpen = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Forgets what waits. */
  clear(): void {
    this.#due.clear();
  }

  /** Closes, and waits for what runs. */
  async stop(): Promise<void> {
    this.close();
    this.clear();
    await Promise.all(this.#running.values());
  }

  #arm(dueAt: number): void {
    if (!this.#isOpen || this.#running.size >= this.#options.concurrency) return;
    if (this.#timer !== undefined && this.#armedFor <= dueAt) return;
    clearTimeout(this.#timer);
    this.#armedFor = dueAt;
    this.#timer = setTimeout(
      () => this.#pump(),
      Math.min(MAX_TIMER_MS, Math.max(0, dueAt - this.#options.clock.now())),
    );
  }

  #pump(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#isOpen) return;
    const now = this.#options.clock.now();
    let nextAt = Infinity;
    for (const [key, dueAt] of this.#due) {
      if (this.#running.size >= this.#options.concurrency) return;
      if (this.#running.has(key)) continue; // looked at again when it ends
      if (dueAt <= now) this.#begin(key);
      else nextAt = Math.min(nextAt, dueAt);
    }
    if (nextAt !== Infinity) this.#arm(nextAt);
  }

  #begin(key: string): void {
    this.#due.delete(key);
    const running = this.#options.work(key).then((againMs) => {
      this.#running.delete(key);
      if (againMs !== undefined) this.add(key, againMs);
      this.#pump();
    });
    this.#running.set(key, running);
  }
}

const MAX_TIMER_MS = 0x7fff_ffff; // longer ones fire at once
