// One connection of a TCP load balancer: a server is chosen and dialled, others are tried, then bytes flow.

import type { Slot } from "../../balancer/entry.ts";
import type { Connection, ConnectionHandler } from "../../net/connection.ts";
import type { ProxyError } from "../../net/error.ts";
import { writeProxyHeader } from "../../net/proxy-protocol.ts";
import type { Dial, DialHandler, DialOptions } from "../../net/runtime.ts";
import type { TcpSession } from "../../net/tcp-session.ts";
import { FirstWord, type FirstWordListener } from "./first-word.ts";
import { PostgresUpgrade } from "./postgres-upgrade.ts";
import type { TcpBalancing } from "./tcp-load-balancer.ts";
import type { PooledTcpServer } from "./tcp-server-pool.ts";
import { Tunnel } from "./tunnel.ts";

const TRY_MS = 5_000; // for one server while there are others
const REST_MESSAGE = "server failed several times in a row: others get its connections for a moment";

/** Carries one connection. Until a server is there, the client is not read from, so that its bytes wait in the system. */
export class TcpExchange implements DialHandler, ConnectionHandler, FirstWordListener {
  readonly #session: TcpSession;
  readonly #balancing: TcpBalancing;
  readonly #startedAt: number;
  #slot: Slot<PooledTcpServer> | undefined = undefined;
  #tried: Slot<PooledTcpServer>[] = [];
  #dial: Dial | undefined = undefined;
  #upgrade: PostgresUpgrade | undefined = undefined;
  /** The server is there, and neither side of a guess has spoken. */
  #word: FirstWord | undefined = undefined;
  /** Read of the client before the server was there. */
  readonly #early: Uint8Array[] = [];
  #ended: boolean;

  constructor(session: TcpSession, balancing: TcpBalancing) {
    this.#session = session;
    this.#balancing = balancing;
    this.#startedAt = balancing.context.now();
    this.#ended = session.ended;
    if (session.first !== undefined && session.first.length > 0) this.#early.push(session.first);
  }

  /** Takes the connection over. */
  begin(): void {
    const { client } = this.#session;
    const { meter } = this.#balancing.context;
    meter.total.value++;
    meter.open.value++;
    client.pause();
    client.handle(this);
    this.#dialNext(undefined);
  }

  // --- the server --------------------------------------------------------------------------------------------------

  open(server: Connection): void {
    const slot = this.#slot;
    if (slot === undefined) return server.destroy();
    slot.item.rest.passOn(undefined);
    slot.firstByte(this.#balancing.context.now() - this.#startedAt);
    const { proxyProtocol } = this.#balancing.context.transport;
    if (proxyProtocol !== undefined && slot.item.target.tls === undefined) {
      server.write(this.#proxyHeader(proxyProtocol));
    }
    const { context } = this.#balancing;
    const { isGuess, isPostgres, client, idleMs } = this.#session;
    if (isGuess && !this.#ended) {
      this.#word = new FirstWord(server, context.deadlines, idleMs, this);
      return client.resume();
    }
    if (!isPostgres) return void this.#join(server);
    this.#upgrade = new PostgresUpgrade(server, context.deadlines, context.transport.dialTimeoutMs, (error) => {
      this.#upgrade = undefined;
      if (error === undefined) this.#join(server);
      else this.#giveUp(error);
    });
  }

  serverSpoke(word: FirstWord, chunk: Uint8Array | undefined): void {
    this.#word = undefined;
    this.#session.settle(undefined);
    this.#join(word.server).hear(chunk);
  }

  serverLeft(error: ProxyError | undefined): void {
    this.#word = undefined;
    const { client } = this.#session;
    if (error === undefined) client.destroy(); // its close event ends this
    else client.reset();
  }

  fail(error: ProxyError): void {
    const { context } = this.#balancing;
    const slot = this.#slot;
    if (slot !== undefined) {
      const restMs = slot.item.rest.failed(error, context.now());
      if (restMs !== undefined) context.logger.warn(REST_MESSAGE, { serverAddress: slot.key, restMs, error });
      this.#tried.push(slot);
    }
    this.#leaveServer();
    this.#dialNext(error);
  }

  // --- the client, while it waits ----------------------------------------------------------------------------------

  data(chunk: Uint8Array): void {
    if (this.#session.settle(chunk)) return this.#abandon();
    this.#early.push(chunk); // one at most: the connection is paused, or joined at once
    this.#joinAfter(this.#word);
  }

  drain(): void {
    // nothing was written
  }

  end(): void {
    this.#ended = true;
    this.#joinAfter(this.#word);
  }

  close(): void {
    this.#upgrade?.cancel();
    this.#abandon();
  }

  // -----------------------------------------------------------------------------------------------------------------

  /** @param last why the server before could not be reached */
  #dialNext(last: ProxyError | undefined): void {
    const { context, selector } = this.#balancing;
    const waitMs = this.#patience();
    const slot = waitMs < 0 ? undefined : selector.pick(this.#session, this.#tried);
    if (slot === undefined) return this.#giveUp(last);
    if (last !== undefined) context.logger.debug("trying another server", { serverAddress: slot.key, error: last });
    const { host, port } = slot.item.target;
    const { keepAliveMs } = context.transport;
    this.#slot = slot;
    slot.start();
    this.#dial = context.runtime.dial({ host, port, timeoutMs: waitMs, keepAliveMs, ...this.#tlsOf(slot.item) }, this);
  }

  /** How long the next server may take; 0: as long as the system lets it; negative: the time is up. */
  #patience(): number {
    const { context, canFailOver } = this.#balancing;
    const { dialTimeoutMs } = context.transport;
    if (dialTimeoutMs === 0) return canFailOver ? TRY_MS : 0;
    const left = dialTimeoutMs - (context.now() - this.#startedAt);
    if (left <= 0) return -1;
    return canFailOver ? Math.min(TRY_MS, left) : left;
  }

  #tlsOf({ target: { tls } }: PooledTcpServer): Pick<DialOptions, "tls"> {
    if (tls === undefined) return {};
    const { proxyProtocol } = this.#balancing.context.transport;
    return { tls: proxyProtocol === undefined ? tls : { ...tls, preamble: this.#proxyHeader(proxyProtocol) } };
  }

  #proxyHeader(version: 1 | 2): Uint8Array {
    return writeProxyHeader(version, { source: this.#session.remote, destination: this.#session.local });
  }

  /** The client has spoken, in clear. */
  #joinAfter(word: FirstWord | undefined): void {
    if (word === undefined) return;
    this.#word = undefined;
    word.stop();
    this.#join(word.server);
  }

  /** The client is gone, or in other hands. */
  #abandon(): void {
    this.#dial?.cancel();
    this.#word?.stop();
    this.#word?.server.destroy();
    this.#word = undefined;
    this.#leaveServer();
    this.#over();
  }

  #join(server: Connection): Tunnel {
    const { context } = this.#balancing;
    const { meter, transport, deadlines, logger } = context;
    const { client, idleMs } = this.#session;
    if (logger.enabled("DEBUG")) {
      const { ip, port } = this.#session.remote;
      logger.debug("TCP connection begins", { ClientAddr: `${ip}:${port}`, serverAddress: this.#slot?.key ?? "" });
    }
    const tunnel = new Tunnel({
      client,
      server,
      deadlines,
      idleMs,
      terminationMs: transport.terminationMs,
      received: meter.received,
      sent: meter.sent,
      over: (error) => {
        if (error !== undefined) {
          logger.debug("TCP connection was cut", { serverAddress: this.#slot?.key ?? "", error });
        }
        this.#leaveServer();
        this.#over();
      },
    });
    tunnel.start(this.#early, this.#ended);
    return tunnel;
  }

  #giveUp(error: ProxyError | undefined): void {
    const { context } = this.#balancing;
    this.#leaveServer();
    context.logger.debug("no server takes the TCP connection", {
      ClientAddr: this.#session.remote.ip,
      ...(error !== undefined && { error }),
    });
    this.#session.client.destroy(); // its close event ends this
  }

  #leaveServer(): void {
    this.#slot?.finish();
    this.#slot = undefined;
    this.#dial = undefined;
  }

  #over(): void {
    this.#balancing.context.meter.open.value--;
    this.#session.over();
  }
}
