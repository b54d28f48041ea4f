// Terminates TLS before a TCP service: what it gets is the decrypted connection.

import { type ClientHello, ClientHelloReader } from "../net/client-hello.ts";
import type { ProxyError } from "../net/error.ts";
import type { TcpHandler, TcpSession } from "../net/tcp-session.ts";
import type { ChooseTls } from "./choice.ts";

/** @param failed told of clients that did not get through the handshake */
export function terminateTls(
  next: TcpHandler,
  choose: ChooseTls,
  failed: (reason: string, session: TcpSession) => void,
): TcpHandler {
  return (session) => {
    const bytes = session.first;
    const hello = bytes === undefined ? undefined : readHello(bytes);
    if (bytes === undefined || hello === undefined || session.ended) return session.refuse(); // no handshake comes of it
    const choice = choose(hello, session.local.ip);
    if ("alert" in choice) {
      failed(choice.reason, session);
      return session.refuse();
    }
    session.isInHandshake = true;
    choice.server.accept(session.client, { bytes, hello, identity: choice.identity }, {
      open: (connection) => {
        session.decrypt(connection);
        next(session);
      },
      fail: ({ message }: ProxyError) => {
        failed(message, session);
        session.over();
      },
    });
  };
}

function readHello(bytes: Uint8Array): ClientHello | undefined {
  const result = new ClientHelloReader().read(bytes);
  return result.kind === "hello" ? result.hello : undefined;
}
