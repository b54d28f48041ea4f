// An append-only text file: lines gather in memory and leave in the background, in order, a batch per write.

import { open } from "node:fs/promises";
import { closeSync, openSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import type { Appender } from "../../src/net/runtime.ts";

const DELAY_MS = 100; // lines reach the file this late at most when few arrive
const BATCH_CHARS = 64 * 1024; // more than this leaves at once
const LIMIT_CHARS = 16 * 1024 * 1024; // a disk that hangs costs this much memory, then lines are dropped and counted

/**
 * Opens the file now, so that a wrong path fails here and not later.
 * @param failed told of background failures: once per failed batch, with the number of characters it cost
 * @throws {Error} with a `code` of ENOENT, EACCES, …
 */
export function openAppender(path: string, failed: (error: unknown) => void = () => {}): Appender {
  closeSync(openSync(path, "a"));
  return new FileAppender(path, failed);
}

class FileAppender implements Appender {
  readonly #path: string;
  readonly #failed: (error: unknown) => void;
  #file: FileHandle | undefined = undefined;
  #lines: string[] = [];
  #chars = 0;
  #queued = 0;
  #dropped = 0;
  #timer: ReturnType<typeof setTimeout> | undefined = undefined;
  #work: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(path: string, failed: (error: unknown) => void) {
    this.#path = path;
    this.#failed = failed;
  }

  get dropped(): number {
    return this.#dropped;
  }

  write(text: string): void {
    if (this.#closed || this.#chars + this.#queued + text.length > LIMIT_CHARS) {
      this.#dropped++;
      return;
    }
    this.#lines.push(text);
    this.#chars += text.length;
    if (this.#chars >= BATCH_CHARS) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), DELAY_MS);
  }

  reopen(): void {
    this.#flush();
    this.#enqueue(() => this.#closeFile());
  }

  async close(): Promise<void> {
    this.#flush();
    this.#closed = true;
    this.#enqueue(() => this.#closeFile());
    await this.#work;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#lines.length === 0) return;
    const batch = this.#lines.join("");
    this.#lines = [];
    this.#chars = 0;
    this.#queued += batch.length;
    this.#enqueue(() => this.#writeBatch(batch));
  }

  async #writeBatch(batch: string): Promise<void> {
    this.#queued -= batch.length;
    this.#file ??= await open(this.#path, "a");
    await this.#file.appendFile(batch);
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  #enqueue(task: () => Promise<void>): void {
    this.#work = this.#work.then(task).catch((error: unknown) => this.#failed(error));
  }
}
