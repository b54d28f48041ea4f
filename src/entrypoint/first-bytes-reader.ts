// Reads as much of a connection as it takes to know whose it is: PROXY protocol, PostgreSQL's start, TLS or not.

import { type ClientHello, ClientHelloReader, HELLO_LIMIT } from "../net/client-hello.ts";
import type { Connection } from "../net/connection.ts";
import { Peek, type PeekOwner } from "../net/peek.ts";
import { POSTGRES_NO, POSTGRES_REQUEST_LENGTH, POSTGRES_YES, readPostgresStart } from "../net/postgres-start.ts";
import { PROXY_LIMIT, type ProxyHeader, readProxyHeader } from "../net/proxy-protocol.ts";
import type { TcpSession } from "../net/tcp-session.ts";
import { ALERT, createAlert } from "../net/tls.ts";
import type { FirstBytesFacts, TcpVerdict } from "../router/tcp-table.ts";
import { decideConnection } from "../router/tcp-table.ts";
import { lingerAndClose } from "./linger.ts";
import type { Handover, TcpServer, ToldAddresses } from "./tcp-server.ts";

/**
 * What is read next: a PROXY protocol header; the first bytes of the client's own; a ClientHello that PostgreSQL's
 * start was answered for.
 */
type Phase = "proxy" | "start" | "postgres";

/** Follows one connection until it is decided who gets it. */
export class FirstBytesReader implements PeekOwner {
  readonly #server: TcpServer;
  readonly #connection: Connection;
  readonly #hello = new ClientHelloReader();
  #peek: Peek | undefined = undefined;
  #phase: Phase = "start";
  #told: ToldAddresses | undefined = undefined;
  /** The deadline is that of silence, not of the first bytes. */
  #listens = false;

  constructor(server: TcpServer, connection: Connection) {
    this.#server = server;
    this.#connection = connection;
  }

  /** Begins to read. */
  begin(): void {
    const { trustsProxy } = this.#server.options;
    if (trustsProxy !== undefined) this.#phase = "proxy";
    // Whoever may send a header sends it at once; others may be waiting for the server to speak.
    const isSender = trustsProxy?.(this.#connection.remote.ip) === true;
    const peek = this.#read();
    if (!isSender) this.#listen(peek);
  }

  /** The entry point closes. */
  cut(): void {
    this.#connection.reset();
    this.#leave();
  }

  look(peek: Peek): void {
    this.#stopListening(peek);
    if (this.#phase === "proxy" && !this.#readProxy(peek)) return;
    if (this.#phase === "start") this.#readStart(peek);
    else if (this.#phase === "postgres") this.#readHello(peek, "postgres");
  }

  end(peek: Peek): void {
    // Half a header is no header, and half a ClientHello no ClientHello: what is there is all there is.
    if (peek.bytes.length === 0 || this.#phase === "postgres") return this.#drop();
    this.#phase = "start";
    this.#decide(peek, PLAIN);
  }

  expire(peek: Peek): void {
    if (peek.bytes.length > 0 || this.#phase === "postgres") return this.#reject("the first bytes took too long");
    const verdict = this.#ask(SILENT);
    if (verdict.kind === "tcp") this.#guess(peek, verdict);
    else if (this.#listens) this.#stopListening(peek);
    else this.#drop();
  }

  full(): void {
    this.#reject("the first bytes are too many");
  }

  close(): void {
    this.#server.decided(this);
  }

  // -----------------------------------------------------------------------------------------------------------------

  #read(): Peek {
    const { deadlines, options: { firstBytesMs } } = this.#server;
    const limit = HELLO_LIMIT + PROXY_LIMIT + POSTGRES_REQUEST_LENGTH;
    const peek = new Peek(this.#connection, { deadlines, timeoutMs: firstBytesMs, limit }, this);
    this.#peek = peek;
    return peek;
  }

  /**
   * A client may be slow and not silent: its machine is busy, its first segment was lost. The route gets it, until one
   * of client and server speaks.
   */
  #guess(peek: Peek, verdict: TcpVerdict): void {
    this.#settle(peek, verdict, { takeBack: (session, bytes) => this.#takeBack(session, bytes) });
  }

  #takeBack(session: TcpSession, bytes: Uint8Array): boolean {
    if (!mayBeginTls(bytes) || !this.#server.undecided(this)) return false;
    session.over();
    this.#phase = "start";
    const peek = this.#read();
    this.#connection.resume();
    peek.data(bytes);
    return true;
  }

  /** Waits for a moment only, where some route would have a client that stays silent. */
  #listen(peek: Peek): void {
    const { silenceMs } = this.#server.options;
    if (silenceMs === 0 || this.#ask(SILENT).kind !== "tcp") return;
    this.#listens = true;
    peek.wait(silenceMs);
  }

  #stopListening(peek: Peek): void {
    if (!this.#listens) return;
    this.#listens = false;
    peek.wait(this.#server.options.firstBytesMs);
  }

  /** @returns whether the client's own bytes are to be looked at now */
  #readProxy(peek: Peek): boolean {
    const result = readProxyHeader(peek.bytes);
    if (result.kind === "more") return false;
    if (result.kind === "refused") {
      this.#reject(result.reason);
      return false;
    }
    this.#phase = "start";
    if (result.kind === "header") this.#takeHeader(peek, result.header);
    const verdict = this.#ask(UNREAD);
    if (verdict.kind !== "read") {
      this.#settle(peek, verdict, {});
      return false;
    }
    if (peek.bytes.length > 0) return true;
    this.#listen(peek);
    return false;
  }

  /** Of peers that are not trusted, the header is read and its addresses are not. */
  #takeHeader(peek: Peek, { length, addresses }: ProxyHeader): void {
    peek.discard(length);
    const isTrusted = this.#server.options.trustsProxy?.(this.#connection.remote.ip) === true;
    if (isTrusted && addresses !== undefined) this.#told = { remote: addresses.source, local: addresses.destination };
  }

  #readStart(peek: Peek): void {
    const mayUpgrade = (this.#server.table?.tls.size ?? 0) > 0;
    const start = mayUpgrade ? readPostgresStart(peek.bytes) : "none";
    if (start === "none") return this.#readHello(peek, "tls");
    if (start === "more") return;
    // Bytes that came along were put in by somebody: the client waits for our answer (CVE-2021-23214).
    if (peek.bytes.length > POSTGRES_REQUEST_LENGTH) return this.#reject("bytes behind PostgreSQL's request for TLS");
    peek.discard(POSTGRES_REQUEST_LENGTH);
    this.#connection.write(start === "tls" ? POSTGRES_YES : POSTGRES_NO);
    if (start === "tls") this.#phase = "postgres";
  }

  #readHello(peek: Peek, kind: "tls" | "postgres"): void {
    const result = this.#hello.read(peek.bytes);
    switch (result.kind) {
      case "more":
        return;
      case "refused":
        return this.#reject(result.reason, ALERT.decodeError);
      case "not-tls":
        return kind === "tls" ? this.#decide(peek, PLAIN) : this.#reject("no TLS behind PostgreSQL's request for it");
      case "hello":
        return this.#decideHello(peek, kind, result.hello);
    }
  }

  #ask(facts: FirstBytesFacts): TcpVerdict {
    const { table } = this.#server;
    const { ip } = this.#told?.remote ?? this.#connection.remote;
    return table === undefined ? HTTP : decideConnection(table, facts, ip);
  }

  #decide(peek: Peek, facts: FirstBytesFacts): void {
    const serverName = "serverName" in facts ? facts.serverName : undefined;
    this.#settle(peek, this.#ask(facts), { serverName, isPostgres: facts.kind === "postgres" });
  }

  #decideHello(peek: Peek, kind: "tls" | "postgres", hello: ClientHello): void {
    const facts = factsOf(kind, hello);
    if (kind === "postgres" || this.#ask(facts).kind !== "https") return this.#decide(peek, facts);
    if (peek.ended) return this.#drop(); // no handshake comes of it
    const first = { bytes: peek.take(), hello };
    this.#server.giveHttps(this.#connection, first, this.#told);
    this.#server.decided(this);
  }

  #settle(peek: Peek, verdict: TcpVerdict, facts: Pick<Handover, "serverName" | "isPostgres" | "takeBack">): void {
    if (verdict.kind === "close" || verdict.kind === "read" || verdict.kind === "https") {
      return this.#reject("no router wants the connection", ALERT.unrecognizedName);
    }
    const { ended } = peek;
    const handover = { read: { bytes: peek.take(), ended }, told: this.#told, ...facts };
    this.#server.decided(this);
    if (verdict.kind === "http") this.#server.giveHttp(this.#connection, handover);
    else this.#server.give(this.#connection, verdict.route, handover);
  }

  /** @param alert what a client that speaks TLS is told */
  #reject(reason: string, alert?: number): void {
    this.#server.options.rejected(reason, this.#told?.remote ?? this.#connection.remote);
    if (alert === undefined) return this.#drop();
    this.#leave();
    lingerAndClose(this.#connection, createAlert(alert), this.#server.deadlines);
  }

  #drop(): void {
    this.#connection.destroy();
    this.#leave();
  }

  #leave(): void {
    this.#peek?.take();
    this.#server.decided(this);
  }
}

const PLAIN = { kind: "plain" } as const;
const SILENT = { kind: "silent" } as const;
const UNREAD = { kind: "unread" } as const;
const HTTP: TcpVerdict = { kind: "http" };

function factsOf(kind: "tls" | "postgres", { serverName, alpn }: ClientHello): FirstBytesFacts {
  return { kind, serverName: serverName === "" ? undefined : serverName, alpn };
}

function mayBeginTls(bytes: Uint8Array): boolean {
  return readPostgresStart(bytes) !== "none" || new ClientHelloReader().read(bytes).kind !== "not-tls";
}
