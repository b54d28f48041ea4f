// One health check of a TCP server: connect, send, and look at what the answer begins with.

import type { TcpHealthCheck } from "../../config/dynamic-tcp.ts";
import type { Connection, ConnectionHandler } from "../../net/connection.ts";
import type { ProxyError } from "../../net/error.ts";
import type { Dial, DialHandler } from "../../net/runtime.ts";
import { runAfter } from "../timer.ts";
import type { TcpTarget } from "./tcp-server-pool.ts";
import type { TcpServiceContext } from "./tcp-service.ts";

const encoder = new TextEncoder();

/** A probe on its way; it begins at once. */
export class TcpProbe implements DialHandler, ConnectionHandler {
  readonly #check: TcpHealthCheck;
  readonly #expected: Uint8Array;
  readonly #settle: (failure: string | undefined) => void;
  readonly #dial: Dial;
  #stopWaiting: (() => void) | undefined = undefined;
  #connection: Connection | undefined = undefined;
  /** Bytes of the answer that were as expected. */
  #matched = 0;
  #isOver = false;

  /** @param settle is told once why the server is not well, or undefined; never from inside this call */
  constructor(
    target: TcpTarget,
    check: TcpHealthCheck,
    context: TcpServiceContext,
    settle: (failure: string | undefined) => void,
  ) {
    const { host, tls } = target;
    const { timeoutMs } = check;
    this.#check = check;
    this.#expected = encoder.encode(check.expect);
    this.#settle = settle;
    if (timeoutMs > 0) {
      this.#stopWaiting = runAfter(context, timeoutMs, () => this.#end(`no answer in ${timeoutMs} ms`));
    }
    const port = check.port === 0 ? target.port : check.port;
    this.#dial = context.runtime.dial({ host, port, timeoutMs, ...(tls !== undefined && { tls }) }, this);
  }

  /** Nobody wants to know any more. */
  cancel(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#free();
  }

  open(connection: Connection): void {
    this.#connection = connection;
    connection.handle(this);
    if (this.#check.send !== "") connection.write(encoder.encode(this.#check.send));
    if (this.#expected.length === 0) this.#end(undefined);
  }

  fail(error: ProxyError): void {
    this.#end(error.code);
  }

  data(chunk: Uint8Array): void {
    const expected = this.#expected;
    for (const byte of chunk) {
      if (this.#matched === expected.length) break;
      if (byte !== expected[this.#matched]) return this.#end("the answer is not the expected one");
      this.#matched++;
    }
    if (this.#matched === expected.length) this.#end(undefined);
  }

  drain(): void {
    // the probe is one small write
  }

  end(): void {
    this.#end("the server closed the connection before the expected answer");
  }

  close(error?: ProxyError): void {
    this.#end(error?.code ?? "the server closed the connection before the expected answer");
  }

  #end(failure: string | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#free();
    this.#settle(failure);
  }

  #free(): void {
    this.#stopWaiting?.();
    // What was sent should leave before the connection does: a FIN behind it, not a reset that overtakes it.
    if (this.#connection === undefined) this.#dial.cancel();
    else if (this.#connection.pending > 0) this.#connection.end();
    else this.#connection.destroy();
  }
}
