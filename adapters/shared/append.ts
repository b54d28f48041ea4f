// An append-only text file: lines gather in memory and leave in the background, in order, a batch per write.

import { closeSync, openSync, writeFile } from "node:fs";
import type { Appender } from "../../src/net/runtime.ts";

const DELAY_MS = 100; // lines reach the file this late at most when few arrive
const BATCH_CHARS = 64 * 1024; // more than this leaves at once
const LIMIT_CHARS = 16 * 1024 * 1024; // a disk that hangs costs this much memory, then texts are dropped and counted

/**
 * Opens the file now, so that a wrong path fails here and not later.
 * @param failed told when a background write or reopen fails
 * @throws {Error} with a `code` of ENOENT, EACCES, …
 */
export function openAppender(path: string, failed: (error: unknown) => void = () => {}): Appender {
  return new FileAppender(path, failed);
}

class FileAppender implements Appender {
  readonly #path: string;
  readonly #failed: (error: unknown) => void;
  /** The file's descriptor; undefined while a reopen has failed. */
  #file: number | undefined;
  #lines: string[] = [];
  /** Characters in `#lines`, and in batches on their way. */
  #chars = 0;
  #queued = 0;
  #dropped = 0;
  #timer: ReturnType<typeof setTimeout> | undefined = undefined;
  #work: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(path: string, failed: (error: unknown) => void) {
    this.#path = path;
    this.#failed = failed;
    this.#file = openSync(path, "a");
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
    if (this.#closed) return;
    this.#flush();
    this.#enqueue(() => {
      this.#closeFile();
      this.#file = openSync(this.#path, "a");
    });
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

  #writeBatch(batch: string): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      this.#file ??= openSync(this.#path, "a");
      writeFile(this.#file, batch, (error) => error ? reject(error) : resolve());
    }).finally(() => {
      this.#queued -= batch.length;
    });
  }

  #closeFile(): void {
    const file = this.#file;
    this.#file = undefined;
    if (file !== undefined) closeSync(file);
  }

  #enqueue(task: () => Promise<void> | void): void {
    this.#work = this.#work.then(task).catch((error: unknown) => this.#failed(error));
  }
}
