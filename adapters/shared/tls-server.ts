// Terminates TLS over accepted connections, on TLSSocket of node:tls, which all three runtimes have.
//
// The certificate is chosen by the ClientHello that was peeked, before the TLS stack sees it: no SNICallback, whose
// asynchrony and treatment of clients without a name differ between the runtimes.

import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { Connection, ConnectionHandler } from "../../src/net/connection.ts";
import type { ProxyError } from "../../src/net/error.ts";
import { ALERT, createAlert } from "../../src/net/tls.ts";
import type {
  FirstBytes,
  SecureHandler,
  SecureServer,
  SecureSettings,
  TlsIdentity,
  TlsPeer,
} from "../../src/net/tls.ts";
import { SocketConnection } from "./connection.ts";
import type { Contexts, TlsQuirks } from "./tls-context.ts";
import { createContexts } from "./tls-context.ts";
import { handshakeError, readFacts, readPeer, toHandshakeError, verifyReason } from "./tls-facts.ts";

/** Bytes that may come while the certificate is chosen: with one more chunk after the pause, no client sends more. */
const EARLY_LIMIT = 1024 * 1024;

/** Certificates remembered as good; a client whose was forgotten must begin a new session. */
const MOST_VERIFIED = 10_000;

/** Makes `Runtime.secureServer`. */
export function createSecureServer(quirks: TlsQuirks): (settings: SecureSettings) => SecureServer {
  return (settings) => {
    const contexts = createContexts(settings, quirks);
    const protocols = settings.alpn === undefined || settings.alpn.length === 0 ? undefined : [...settings.alpn];
    const verified = quirks.sharesSessions ? new Set<string>() : undefined;
    const parts: ServerParts = { settings, contexts, protocols, quirks, verified };
    return { accept: (connection, first, handler) => new Handshake(parts, connection, handler).start(first) };
  };
}

/** What all handshakes of a server share. */
interface ServerParts {
  readonly settings: SecureSettings;
  readonly contexts: Contexts;
  readonly protocols: string[] | undefined;
  readonly quirks: TlsQuirks;
  /**
   * Digests of the clients' certificates that this option set found good, where sessions are shared: a resumed session
   * brings the verdict of the set it was begun with, whose authorities may be others.
   */
  readonly verified: Set<string> | undefined;
}

/** From the peeked ClientHello to the decrypted connection. Handles the connection while the certificate is chosen. */
class Handshake implements ConnectionHandler {
  readonly #parts: ServerParts;
  readonly #connection: Connection;
  readonly #handler: SecureHandler;
  #bytes: Uint8Array = new Uint8Array(0);
  #serverName = "";
  #timer: ReturnType<typeof setTimeout> | undefined = undefined;
  #socket: TLSSocket | undefined = undefined;
  #error: unknown = undefined;
  #over = false;

  constructor(parts: ServerParts, connection: Connection, handler: SecureHandler) {
    this.#parts = parts;
    this.#connection = connection;
    this.#handler = handler;
  }

  start({ bytes, hello, identity }: FirstBytes): void {
    const { settings, protocols } = this.#parts;
    this.#connection.pause();
    this.#connection.handle(this);
    this.#bytes = bytes;
    this.#serverName = hello.serverName;
    if (settings.handshakeTimeoutMs > 0) {
      this.#timer = setTimeout(() => this.#expire(), settings.handshakeTimeoutMs);
    }
    if (protocols !== undefined && hello.alpn.length > 0 && !hello.alpn.some((one) => protocols.includes(one))) {
      this.#refuse(ALERT.noProtocol, "tls-no-protocol", `the client speaks none of ${protocols.join(", ")}`);
      return;
    }
    try {
      const chosen = identity ?? settings.choose(hello);
      if (chosen instanceof Promise) chosen.then((one) => this.#proceed(one), (error) => this.#failChoice(error));
      else this.#proceed(chosen);
    } catch (error) {
      this.#failChoice(error);
    }
  }

  data(chunk: Uint8Array): void {
    if (this.#over) return;
    if (this.#bytes.length + chunk.length > EARLY_LIMIT) {
      this.#refuse(ALERT.internalError, "tls-handshake-failed", "too many bytes before the certificate was chosen");
      return;
    }
    const joined = new Uint8Array(this.#bytes.length + chunk.length);
    joined.set(this.#bytes);
    joined.set(chunk, this.#bytes.length);
    this.#bytes = joined;
  }

  drain(): void {}

  end(): void {
    if (this.#over) return;
    this.#connection.destroy();
    this.#fail(handshakeError("downstream", "tls-handshake-failed", "the client left during the TLS handshake"));
  }

  close(error?: ProxyError): void {
    this.#fail(error ?? handshakeError("downstream", "tls-handshake-failed", "the connection ended before TLS began"));
  }

  #proceed(identity: TlsIdentity | undefined): void {
    if (this.#over) return;
    if (identity === undefined) {
      const name = this.#serverName === "" ? "a client that names no server" : `"${this.#serverName}"`;
      return this.#refuse(ALERT.unrecognizedName, "tls-unknown-name", `there is no certificate for ${name}`);
    }
    try {
      this.#secure(identity);
    } catch (error) {
      this.#failChoice(error);
    }
  }

  /** @throws what the TLS library says of the certificate */
  #secure(identity: TlsIdentity): void {
    const { settings: { clientAuth }, contexts, protocols, quirks } = this.#parts;
    const secureContext = contexts.get(identity);
    const carrier = this.#connection instanceof SocketConnection ? this.#connection.release(this.#bytes) : undefined;
    if (carrier === undefined) {
      const why = this.#connection.closed ? "the connection is closed" : "its listener was opened without mayUpgrade";
      this.#connection.reset();
      return this.#fail(handshakeError("downstream", "tls-handshake-failed", `TLS can't begin: ${why}`));
    }
    this.#bytes = new Uint8Array(0);
    const socket = new TLSSocket(carrier, {
      isServer: true,
      secureContext,
      requestCert: clientAuth !== "NoClientCert",
      // Lets the TLS stack tell clients in the handshake; the verdict itself is looked at below.
      rejectUnauthorized: clientAuth === "RequireAndVerifyClientCert",
      ...(protocols !== undefined && { ALPNProtocols: protocols }),
    });
    this.#socket = socket;
    quirks.prepare(socket);
    carrier.on("error", (error) => this.#note(error));
    socket.on("error", (error) => this.#onError(error));
    socket.once("secure", () => this.#onSecure(socket, carrier));
    socket.once("close", () => this.#onClose());
    // A client that leaves within the handshake: Node and Deno would wait for the handshake's time to be over.
    socket.once("end", () => this.#onClose());
    carrier.once("close", () => this.#onClose());
  }

  #onSecure(socket: TLSSocket, carrier: Socket): void {
    if (this.#over) return;
    const { clientAuth } = this.#parts.settings;
    const wantsPeer = clientAuth !== "NoClientCert";
    const verifies = clientAuth === "VerifyClientCertIfGiven" || clientAuth === "RequireAndVerifyClientCert";
    const reason = verifies ? verifyReason(socket) : "UNVERIFIED";
    const peer = wantsPeer ? readPeer(socket, reason) : undefined;
    const verdict = verifies && peer !== undefined ? this.#confirm(socket, peer, reason) : "";
    const problem = judge(clientAuth.startsWith("Require"), verdict, peer !== undefined);
    if (problem !== undefined) {
      return this.#abort(handshakeError("downstream", "tls-client-certificate", `the client ${problem}`));
    }
    this.#settle();
    const connection = new SocketConnection(socket, "downstream", {
      carrier,
      ...this.#parts.quirks.below,
    });
    this.#handler.open(connection, readFacts(socket, this.#serverName, peer));
  }

  /** @returns the reason, or another where the session is of another option set */
  #confirm(socket: TLSSocket, peer: TlsPeer, reason: string): string {
    const { verified } = this.#parts;
    if (verified === undefined || reason !== "") return reason;
    const digest = createHash("sha256").update(peer.chain[0] ?? "").digest("base64");
    if (socket.isSessionReused()) return verified.has(digest) ? "" : "its session began under other options";
    if (verified.size >= MOST_VERIFIED) verified.clear();
    verified.add(digest);
    return "";
  }

  #onError(error: unknown): void {
    this.#note(error);
    if (this.#over) return;
    const code = this.#parts.settings.clientAuth !== "NoClientCert" && isAboutCertificate(error)
      ? "tls-client-certificate"
      : undefined;
    const failure = toHandshakeError("downstream", error);
    this.#abort(code === undefined ? failure : handshakeError("downstream", code, failure.message, error));
  }

  #onClose(): void {
    if (this.#over) return;
    if (this.#error !== undefined) return this.#abort(toHandshakeError("downstream", this.#error));
    this.#abort(handshakeError("downstream", "tls-handshake-failed", "the client left during the TLS handshake"));
  }

  #expire(): void {
    const { handshakeTimeoutMs } = this.#parts.settings;
    const message = `the TLS handshake took longer than ${handshakeTimeoutMs} ms`;
    this.#abort(handshakeError("downstream", "tls-handshake-timeout", message));
  }

  #failChoice(cause: unknown): void {
    const reason = cause instanceof Error ? cause.message : String(cause);
    this.#refuse(ALERT.internalError, "tls-handshake-failed", `no certificate can be chosen: ${reason}`, cause);
  }

  /** Before the TLS stack has the connection: the alert is ours to send. */
  #refuse(alert: number, code: string, message: string, cause?: unknown): void {
    if (this.#over) return;
    const connection = this.#connection;
    this.#over = true;
    clearTimeout(this.#timer);
    connection.handle(new Leaving(connection));
    connection.write(createAlert(alert));
    connection.end();
    connection.resume();
    queueMicrotask(() => this.#handler.fail(handshakeError("downstream", code, message, cause)));
  }

  #abort(error: ProxyError): void {
    if (this.#over) return;
    if (this.#socket === undefined) this.#connection.reset();
    else this.#socket.destroy();
    this.#fail(error);
  }

  #fail(error: ProxyError): void {
    if (this.#over) return;
    this.#settle();
    this.#handler.fail(error);
  }

  #settle(): void {
    this.#over = true;
    clearTimeout(this.#timer);
  }

  #note(error: unknown): void {
    this.#error ??= error;
  }
}

/** Waits for a refused client to leave, so that the alert is not lost in a reset; not for long, and reads nothing. */
class Leaving implements ConnectionHandler {
  readonly #connection: Connection;
  readonly #timer: ReturnType<typeof setTimeout>;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#timer = setTimeout(() => connection.destroy(), 1000);
  }

  data(): void {}

  drain(): void {}

  end(): void {
    this.#connection.destroy();
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}

/** @returns what is wrong with the client; undefined: nothing */
function judge(isRequired: boolean, reason: string, hasCertificate: boolean): string | undefined {
  if (!hasCertificate) return isRequired ? "showed no certificate, and one is required" : undefined;
  return reason === "" ? undefined : `has a certificate that is not trusted (${reason})`;
}

function isAboutCertificate(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return /certificate|_CERT|CERT_/i.test(`${error.message} ${"code" in error ? String(error.code) : ""}`);
}
