// One mirrored copy on its way: sent, its answer thrown away, its errors kept from everybody.

import type { ProxyRequest } from "../http/request.ts";
import type { ProxyResponse } from "../http/response.ts";
import type { ProxyError } from "../net/error.ts";
import { toProxyError } from "../net/error.ts";
import type { ServiceContext } from "./context.ts";
import { discard } from "./discard.ts";
import type { Service } from "./service.ts";
import { TeeBranch } from "./tee.ts";

/** A copy of a request for one mirror. */
export class MirrorCopy {
  readonly request: ProxyRequest;
  /** Milliseconds of the service's clock. */
  readonly startedAt: number;
  readonly #mirror: Service;
  readonly #done: (error: ProxyError | undefined) => void;
  #answer: ProxyResponse | undefined;
  #over: boolean;

  /** @param done called exactly once, with the error if there was one */
  constructor(request: ProxyRequest, mirror: Service, now: number, done: (error: ProxyError | undefined) => void) {
    this.request = request;
    this.startedAt = now;
    this.#mirror = mirror;
    this.#done = done;
    this.#answer = undefined;
    this.#over = false;
    if (request.body instanceof TeeBranch) request.body.onDrop = (reason) => this.cancel(reason);
  }

  /** Hands the copy to the mirror. Never throws. @param context whose timers are used */
  send(context: Pick<ServiceContext, "after">): void {
    if (this.#over) return;
    try {
      const answer = this.#mirror.handler(this.request);
      if (answer instanceof Promise) {
        answer.then((got) => this.#discard(got, context)).catch((thrown: unknown) => this.#fail(thrown));
      } else this.#discard(answer, context);
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  /** Gives the copy up, wherever it is. */
  cancel(reason: ProxyError): void {
    if (this.#over) return;
    this.#finish(reason);
    this.request.abort(reason);
    this.request.body?.cancel();
    this.#answer?.body?.cancel();
  }

  #discard(answer: ProxyResponse, context: Pick<ServiceContext, "after">): void {
    if (this.#over) {
      answer.body?.cancel();
      return;
    }
    this.#answer = answer;
    discard(answer, context, (error) => this.#finish(error));
  }

  #fail(thrown: unknown): void {
    this.request.body?.cancel();
    this.#finish(toProxyError(thrown));
  }

  #finish(error: ProxyError | undefined): void {
    if (this.#over) return;
    this.#over = true;
    this.#done(error);
  }
}
