// HTTPS on the connections of one entry point: the handshake, then HTTP/1 or HTTP/2 inside.

import type { Handler } from "../http/handler.ts";
import type { TlsInfo } from "../http/request.ts";
import { textResponse } from "../http/response.ts";
import type { Http2Options } from "../http2/options.ts";
import { readCertificate } from "../net/certificate.ts";
import type { Address, Connection } from "../net/connection.ts";
import type { Deadlines } from "../net/deadlines.ts";
import type { FirstBytes, TlsFacts, TlsPeer } from "../net/tls.ts";
import { ALERT, createAlert } from "../net/tls.ts";
import type { ChooseTls } from "../tls/choice.ts";
import { formatName } from "../tls/distinguished-name.ts";
import type { Http1Options } from "./http1-server.ts";
import { Http1Server } from "./http1-server.ts";
import { Http2Server } from "./http2-server.ts";
import { lingerAndClose } from "./linger.ts";
import { ProxiedConnection } from "./proxied-connection.ts";

/** What is served, and with which certificates. */
export interface HttpsTable {
  readonly handler: Handler;
  readonly choose: ChooseTls;
}

/** Settings and ears. */
export interface HttpsOptions {
  /** As for connections in clear, but for the scheme. */
  readonly http1: Http1Options;
  readonly http2: Http2Options;
  /** A client did not get through the handshake. */
  rejected(reason: string, remote: Address): void;
}

/** The ends of a connection as a PROXY protocol header tells them. */
interface Ends {
  readonly remote: Address;
  readonly local: Address;
}

/** Terminates TLS and serves what is inside. */
export class HttpsServer {
  readonly #rejected: HttpsOptions["rejected"];
  readonly #deadlines: Deadlines;
  readonly #http1: Http1Server;
  readonly #http2: Http2Server;
  #choose: ChooseTls | undefined = undefined;
  /** Handshakes under way. */
  readonly #begun = new Set<Connection>();
  #settled: (() => void) | undefined = undefined;

  constructor(options: HttpsOptions, deadlines: Deadlines) {
    const http1 = { ...options.http1, policy: { ...options.http1.policy, scheme: "https" as const } };
    this.#rejected = options.rejected;
    this.#deadlines = deadlines;
    this.#http1 = new Http1Server(http1, deadlines, notFound);
    this.#http2 = new Http2Server(http1, options.http2, deadlines, notFound);
  }

  /** Connections being served, or in their handshake. */
  get connections(): number {
    return this.#begun.size + this.#http1.connections + this.#http2.connections;
  }

  /** Replaces what answers, and the certificates; handshakes and requests under way keep what they began with. */
  set table(table: HttpsTable | undefined) {
    this.#choose = table?.choose;
    this.#http1.handler = this.#http2.handler = table?.handler ?? notFound;
  }

  /** Takes over a connection that has sent a ClientHello. @param told ends that differ from the connection's own */
  serve(connection: Connection, first: FirstBytes, told: Ends | undefined): void {
    const { remote, local } = told ?? connection;
    const choice = this.#choose?.(first.hello, local.ip);
    if (choice === undefined || "alert" in choice) {
      this.#rejected(choice?.reason ?? "TLS is not served any more", remote);
      return lingerAndClose(connection, createAlert(choice?.alert ?? ALERT.unrecognizedName), this.#deadlines);
    }
    this.#begun.add(connection);
    choice.server.accept(connection, { ...first, identity: choice.identity }, {
      open: (inner, facts) => {
        this.#open(told === undefined ? inner : new ProxiedConnection(inner, told), facts, choice.optionsKey);
        this.#settle(connection);
      },
      fail: ({ message }) => {
        this.#rejected(message, remote);
        this.#settle(connection);
      },
    });
  }

  /** Cuts the handshakes that are still under way. */
  cutHandshakes(): void {
    for (const connection of this.#begun) connection.destroy();
  }

  /** Cuts every connection that is still open. */
  destroy(): void {
    this.cutHandshakes();
    this.#http1.destroy();
    this.#http2.destroy();
  }

  /** Lets handshakes, what was asked for with them, and requests under way finish. Resolves when no connection is left. */
  async drain(): Promise<void> {
    if (this.#begun.size > 0) {
      await new Promise<void>((resolve) => {
        this.#settled = resolve;
      });
      await new Promise((resolve) => setTimeout(resolve, FIRST_REQUEST_MS));
    }
    await Promise.all([this.#http1.drain(), this.#http2.drain()]);
  }

  #open(connection: Connection, facts: TlsFacts, optionsKey: string): void {
    const info = toInfo(facts, optionsKey);
    if (facts.alpn === "h2") this.#http2.serve(connection, undefined, info);
    else this.#http1.serve(connection, undefined, info);
  }

  #settle(connection: Connection): void {
    this.#begun.delete(connection);
    if (this.#begun.size === 0) this.#settled?.();
  }
}

/** A client sends its first request along with the end of the handshake, in the same segment or the next. */
const FIRST_REQUEST_MS = 50;

const notFound: Handler = () => textResponse(404, "404 page not found\n");

function toInfo({ serverName, version, cipher, peer }: TlsFacts, optionsKey: string): TlsInfo {
  return { serverName, version, cipher, clientSubject: subjectOf(peer), optionsKey, peer };
}

function subjectOf(peer: TlsPeer | undefined): string | undefined {
  const [der] = peer?.chain ?? [];
  if (der === undefined) return undefined;
  try {
    return formatName(readCertificate(der).subject);
  } catch {
    return ""; // the TLS library could read it, and has judged it
  }
}
