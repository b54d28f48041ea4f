// Outgoing connections over TLS: dials by node:net, then node:tls over the socket, one deadline for both.

import { isIP } from "node:net";
import type { Socket } from "node:net";
import { connect, createSecureContext } from "node:tls";
import type { SecureContext, TLSSocket } from "node:tls";
import { readCertificate } from "../../src/net/certificate.ts";
import type { Connection } from "../../src/net/connection.ts";
import { ProxyError, toProxyError } from "../../src/net/error.ts";
import type { Dial, DialHandler, DialOptions, Runtime } from "../../src/net/runtime.ts";
import { isFor } from "../../src/net/tls.ts";
import type { DialTls, TlsPeer } from "../../src/net/tls.ts";
import { SocketConnection } from "./connection.ts";
import { dial } from "./dial.ts";
import { errorCode, formatHost, toDialTimeout } from "./socket-error.ts";
import { checkCa, toContextOptions } from "./tls-context.ts";
import type { TlsQuirks } from "./tls-context.ts";
import { handshakeError, readFacts, readPeer, toHandshakeError } from "./tls-facts.ts";

const NOTHING = new Uint8Array(0);

/** Adds TLS to a way to dial. */
export function createDial(plain: Runtime["dial"], quirks: TlsQuirks): Runtime["dial"] {
  const contexts = createDialContexts(quirks);
  return (options, handler) => {
    if (options.tls === undefined) return plain(options, handler);
    return new SecureDial(options, options.tls, handler, { contexts, quirks });
  };
}

/** Contexts of dials, one per settings object: a pool dials with the same one for as long as its settings live. */
type DialContexts = (tls: DialTls) => SecureContext;

interface DialParts {
  readonly contexts: DialContexts;
  readonly quirks: TlsQuirks;
}

function createDialContexts(quirks: TlsQuirks): DialContexts {
  const made = new WeakMap<DialTls, SecureContext>();
  return (tls) => {
    let context = made.get(tls);
    if (context === undefined) {
      if (tls.ca !== undefined) checkCa(tls.ca);
      context = createSecureContext({
        ...toContextOptions(tls, quirks),
        ...(tls.ca !== undefined && { ca: tls.ca }),
        ...(tls.identity !== undefined && { cert: tls.identity.cert, key: tls.identity.key }),
      });
      made.set(tls, context);
    }
    return context;
  };
}

class SecureDial implements Dial {
  readonly #options: DialOptions;
  readonly #tls: DialTls;
  readonly #handler: DialHandler;
  readonly #parts: DialParts;
  readonly #dial: Dial;
  readonly #started = performance.now();
  #timer: ReturnType<typeof setTimeout> | undefined = undefined;
  #carrier: Socket | undefined = undefined;
  #socket: TLSSocket | undefined = undefined;
  #over = false;

  constructor(options: DialOptions, tls: DialTls, handler: DialHandler, parts: DialParts) {
    this.#options = options;
    this.#tls = tls;
    this.#handler = handler;
    this.#parts = parts;
    this.#dial = dial(options, {
      open: (connection) => this.#onOpen(connection),
      fail: (error) => this.#fail(error),
    });
  }

  cancel(): void {
    if (this.#over) return;
    this.#settle();
    this.#dial.cancel();
    this.#drop();
  }

  #onOpen(connection: Connection): void {
    const carrier = connection instanceof SocketConnection ? connection.release(NOTHING) : undefined;
    if (carrier === undefined) return this.#fail(this.#toError("tls-handshake-failed", "the connection ended at once"));
    this.#carrier = carrier;
    carrier.on("error", (error) => this.#onError(error));
    const { timeoutMs } = this.#options;
    if (timeoutMs > 0) {
      const left = Math.max(1, timeoutMs - (performance.now() - this.#started));
      this.#timer = setTimeout(() => this.#expire(), left);
    }
    try {
      this.#secure(carrier);
    } catch (error) {
      this.#fail(this.#toError("tls-handshake-failed", `TLS can't begin: ${toProxyError(error).message}`, error));
    }
  }

  /** @throws what the TLS library says of the settings */
  #secure(carrier: Socket): void {
    const { serverName, skipVerify, alpn, preamble } = this.#tls;
    const secureContext = this.#parts.contexts(this.#tls);
    if (preamble !== undefined) carrier.write(preamble);
    const socket = connect({
      socket: carrier,
      secureContext,
      servername: isIP(serverName) === 0 ? serverName : "", // RFC 6066 §3: an address is no server name
      rejectUnauthorized: skipVerify !== true,
      checkServerIdentity: () => undefined, // looked at below, alike on all runtimes
      ...(alpn !== undefined && alpn.length > 0 && { ALPNProtocols: [...alpn] }),
    });
    this.#socket = socket;
    this.#parts.quirks.prepare(socket);
    socket.on("error", (error: unknown) => this.#onError(error));
    socket.once("secureConnect", () => this.#onSecure(socket, carrier));
    socket.once("close", () => this.#onClose());
    carrier.once("close", () => this.#onClose());
  }

  #onSecure(socket: TLSSocket, carrier: Socket): void {
    if (this.#over) return;
    const isTrusted = this.#tls.skipVerify !== true;
    const peer = readPeer(socket, isTrusted ? "" : "UNVERIFIED");
    const problem = isTrusted ? this.#judge(peer) : undefined;
    if (problem !== undefined) return this.#fail(this.#toError("tls-certificate-refused", problem));
    this.#settle();
    const connection = new SocketConnection(socket, "upstream", {
      carrier,
      ...this.#parts.quirks.below,
    });
    this.#handler.open(connection, readFacts(socket, this.#tls.serverName, peer));
  }

  /** @returns why the server's certificate is refused */
  #judge(peer: TlsPeer | undefined): string | undefined {
    const [der] = peer?.chain ?? [];
    if (der === undefined) return "the server shows no certificate";
    try {
      const leaf = readCertificate(der);
      if (this.#tls.verify !== undefined) return this.#tls.verify(leaf);
      const name = this.#tls.serverName === "" ? this.#options.host : this.#tls.serverName;
      if (isFor(leaf, name)) return undefined;
      const names = [...leaf.names.dns, ...leaf.names.ip, ...leaf.names.uri].slice(0, 8).join(", ");
      return `the server's certificate is for ${names === "" ? "no name at all" : names}, not for ${name}`;
    } catch (error) {
      return toProxyError(error).message;
    }
  }

  #onError(error: unknown): void {
    if (this.#over) return;
    const message = toHandshakeError("upstream", error).message;
    const isRefused = isVerifyCode(errorCode(error));
    if (isRefused) {
      this.#fail(
        this.#toError("tls-certificate-refused", `the server's certificate is not trusted: ${message}`, error),
      );
    } else this.#fail(this.#toError("tls-handshake-failed", message, error));
  }

  #onClose(): void {
    if (this.#over) return;
    this.#fail(this.#toError("tls-handshake-failed", "the server closed the connection during the TLS handshake"));
  }

  #expire(): void {
    const { host, port, timeoutMs } = this.#options;
    this.#fail(toDialTimeout(host, port, timeoutMs));
  }

  #toError(code: string, reason: string, cause?: unknown): ProxyError {
    const { host, port } = this.#options;
    return handshakeError("upstream", code, `dial ${formatHost(host)}:${port}: ${reason}`, cause);
  }

  #fail(error: ProxyError): void {
    if (this.#over) return;
    this.#settle();
    this.#drop();
    this.#handler.fail(error);
  }

  #drop(): void {
    this.#socket?.destroy();
    this.#carrier?.destroy();
  }

  #settle(): void {
    this.#over = true;
    clearTimeout(this.#timer);
  }
}

/** Codes of OpenSSL's chain verification, which Bun and Deno use too; alerts of the server have a prefix. */
function isVerifyCode(code: string): boolean {
  return !code.startsWith("ERR_SSL") && /CERT|ISSUER|VERIFY|CRL|PATH_LENGTH|PURPOSE|CA$/.test(code);
}
