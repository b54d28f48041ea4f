// Stub backends beside HTTP: what a simulated pod answers to lines over TCP, and to datagrams.
//
// As the images `traefik/whoamitcp` and `traefik/whoamiudp` do: `WHO` is answered with who that is, and everything else
// with what was received.

import { toLatin1 } from "../../net/bytes.ts";
import type { ConnectionHandler } from "../../net/connection.ts";
import type { DatagramSocket } from "../../net/datagram.ts";
import type { Runtime } from "../../net/runtime.ts";
import type { TcpHandler, TcpSession } from "../../net/tcp-session.ts";
import type { EchoIdentity, EchoLog } from "./echo.ts";

const MAX_LINE = 16_384; // a longer line is answered in pieces
const NEW_LINE = 10;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The answer to one message. @param ip the pod's own address */
export function stubAnswer(message: string, { pod }: EchoIdentity, ip: string): string {
  return message.trim() === "WHO" ? `Hostname: ${pod}\nIP: ${ip}\n` : `Received: ${message}`;
}

/** Answers each line of a connection, and what is left when the client has sent FIN. */
export function createStubTcp(identity: EchoIdentity, log: EchoLog): TcpHandler {
  return (session) => new StubConnection(session, identity, log).begin();
}

class StubConnection implements ConnectionHandler {
  readonly #session: TcpSession;
  readonly #identity: EchoIdentity;
  readonly #log: EchoLog;
  #text = "";

  constructor(session: TcpSession, identity: EchoIdentity, log: EchoLog) {
    this.#session = session;
    this.#identity = identity;
    this.#log = log;
  }

  begin(): void {
    const { client, first, ended } = this.#session;
    client.handle(this);
    if (first !== undefined && first.length > 0) this.data(first);
    if (ended) this.end();
  }

  data(chunk: Uint8Array): void {
    this.#text += toLatin1(chunk);
    let start = 0;
    for (let end = this.#lineEnd(start); end > 0; end = this.#lineEnd(start)) {
      this.#answer(this.#text.slice(start, end));
      start = end;
    }
    this.#text = this.#text.slice(start);
    if (this.#session.client.pending > MAX_LINE) this.#session.client.pause();
  }

  drain(): void {
    this.#session.client.resume();
  }

  end(): void {
    if (this.#text !== "") this.#answer(this.#text);
    this.#text = "";
    this.#session.client.end();
  }

  close(): void {
    this.#session.over();
  }

  /** Behind the line that begins at `start`; 0: it is not complete. */
  #lineEnd(start: number): number {
    const end = this.#text.indexOf(String.fromCharCode(NEW_LINE), start) + 1;
    return end === 0 && this.#text.length - start >= MAX_LINE ? start + MAX_LINE : end;
  }

  #answer(message: string): void {
    const { client, remote } = this.#session;
    client.write(stubAnswer(message, this.#identity, client.local.ip));
    this.#log(line("tcp", remote.ip, message.length));
  }
}

/** Opens a UDP port that answers each datagram. */
export async function openStubUdp(
  runtime: Pick<Runtime, "openDatagrams">,
  { host, identity, log }: { readonly host: string; readonly identity: EchoIdentity; readonly log: EchoLog },
): Promise<DatagramSocket> {
  const socket: DatagramSocket = await runtime.openDatagrams({ host, port: 0 }, {
    message(bytes, remote, local) {
      socket.send(encoder.encode(stubAnswer(decoder.decode(bytes), identity, host)), remote, local);
      log(line("udp", remote.ip, bytes.length));
    },
    fail() {
      // the pod's port is gone, as a crashed pod's would be
    },
  });
  return socket;
}

function line(protocol: string, client: string, bytes: number): { readonly time: number; readonly text: string } {
  return { time: Date.now(), text: `${client} ${protocol} ${bytes} bytes` };
}
