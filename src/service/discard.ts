// Answers nobody wants: read when they are short, so that their connection can be used again, else cut off.

import type { Body, BodySink } from "../http/body.ts";
import type { ProxyResponse } from "../http/response.ts";
import type { ProxyError } from "../net/error.ts";
import type { ServiceContext } from "./context.ts";
import { runAfter } from "./timer.ts";

/** Bytes of an unwanted answer that are read. */
const DISCARD_LIMIT = 64 * 1024;
/** Milliseconds that its body may take: one that never ends would keep its connection for ever. */
export const DISCARD_MS = 10_000;

/** What happens to the answer is told once. The error is there if it broke off. */
type Done = (error: ProxyError | undefined) => void;

/** Reads an answer away. @param context whose timers are used */
export function discard(answer: ProxyResponse, context: Pick<ServiceContext, "after">, done?: Done): void {
  const { body } = answer;
  if (body === undefined) return done?.(undefined);
  if ((body.length ?? 0) <= DISCARD_LIMIT && !body.used) return new Discarding(body, done).begin(context);
  body.cancel();
  done?.(undefined);
}

class Discarding implements BodySink {
  readonly #body: Body;
  readonly #done: Done | undefined;
  #size = 0;
  #isOver = false;
  #stopWaiting: (() => void) | undefined = undefined;

  constructor(body: Body, done: Done | undefined) {
    this.#body = body;
    this.#done = done;
  }

  /** Mostly the body is here already, and no timer is needed. */
  begin(context: Pick<ServiceContext, "after">): void {
    this.#body.start(this);
    if (!this.#isOver) this.#stopWaiting = runAfter(context, DISCARD_MS, () => this.#cut());
  }

  chunk(bytes: Uint8Array): boolean {
    this.#size += bytes.length;
    if (this.#size <= DISCARD_LIMIT) return true;
    this.#cut();
    return false;
  }

  end(): void {
    this.#finish(undefined);
  }

  fail(error: ProxyError): void {
    this.#finish(error);
  }

  #cut(): void {
    this.#body.cancel();
    this.#finish(undefined);
  }

  #finish(error: ProxyError | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopWaiting?.();
    this.#done?.(error);
  }
}
