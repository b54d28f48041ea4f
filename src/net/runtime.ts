// The only door between the core and Bun, Deno or Node: everything weir asks of the system.

import type { Connection } from "./connection.ts";
import type {
  DatagramChannel,
  DatagramChannelHandler,
  DatagramHandler,
  DatagramOptions,
  DatagramSocket,
} from "./datagram.ts";
import type { ProxyError } from "./error.ts";
import type { DialTls, IdentityText, SecureServer, SecureSettings, TlsFacts, TlsIdentity } from "./tls.ts";

/** Where to listen. */
export interface ListenOptions {
  /** Host name or IP; empty string: all addresses, IPv6 and IPv4. */
  readonly host: string;
  /** 0 to 65535; 0 takes a free port. */
  readonly port: number;
  /** Several processes share the port (SO_REUSEPORT). */
  readonly reusePort?: boolean;
  /** Accepted connections open at once; beyond it new ones are closed at once. Default: no cap. */
  readonly maxConnections?: number;
  /** Accepted connections may be given to a `SecureServer`. Costs a little on Bun, nothing elsewhere. Default: false. */
  readonly mayUpgrade?: boolean;
}

/** An open listener. */
export interface Listener {
  readonly host: string;
  /** The real port, also when 0 was asked for. */
  readonly port: number;
  /** Connections accepted and not yet closed. */
  readonly connections: number;
  /**
   * There where connections can't be given to a `SecureServer`, because the listener was opened without `mayUpgrade`:
   * gives way to another one at the same port whose connections can. Open connections stay, and so does who waits to
   * be accepted, where the system has a way.
   * @throws {ProxyError} code `listen-failed`
   */
  reopenForUpgrade?(): Promise<Listener>;
  /** Stops accepting; open connections go on. Resolves when the port is free. */
  close(): Promise<void>;
}

/** Where to connect to. */
export interface DialOptions {
  readonly host: string;
  readonly port: number;
  /** Milliseconds until the dial fails with code `dial-timeout`, TLS included; 0: the system's own limit. */
  readonly timeoutMs: number;
  /** Speak TLS: the connection given to `open` is the decrypted one. */
  readonly tls?: DialTls;
  /** Milliseconds of silence after which the system asks whether the other side is still there; 0: never, the default. */
  readonly keepAliveMs?: number;
}

/** How a dial ends: exactly one of the two is called, never synchronously. */
export interface DialHandler {
  /** @param facts of the handshake, when TLS was asked for */
  open(connection: Connection, facts?: TlsFacts): void;
  /**
   * `connect-refused`, `dial-timeout`, `dns-failure` or `connect-failed`; with TLS also `tls-handshake-failed` and
   * `tls-certificate-refused`; all of them `retry: "unsent"`.
   */
  fail(error: ProxyError): void;
}

/** A dial in progress. */
export interface Dial {
  /** Gives up; neither `open` nor `fail` is called any more. */
  cancel(): void;
}

/** What a directory watcher reports: something below the path changed. */
export type WatchCallback = () => void;

/** Files, as far as configuration needs them. */
export interface Files {
  /** @throws {Error} with a `code` of ENOENT, EACCES, … */
  readText(path: string): Promise<string>;
  /** Files below a folder, recursively, sorted; the path itself when it is a file. */
  list(path: string): Promise<readonly string[]>;
  exists(path: string): Promise<boolean>;
  /** Reports changes of a file or of anything below a folder, symlink swaps of ConfigMaps included. @returns stop */
  watch(path: string, changed: WatchCallback): () => void;
  /**
   * Opens a file for appending lines; `reopen` follows a log rotation.
   * @param failed told when a background write or reopen fails; the lines of that batch are lost
   * @throws {Error} with a `code` of ENOENT, EACCES, …
   */
  append(path: string, failed?: (error: unknown) => void): Appender;
}

/** An append-only text file that buffers in memory and writes in the background. */
export interface Appender {
  /** Texts refused because the disk hangs and the buffer is full, or because it is closed. */
  readonly dropped: number;
  write(text: string): void;
  reopen(): void;
  close(): Promise<void>;
}

/** A streaming compressor with a flush, which Web CompressionStream lacks. */
export interface Compressor {
  /** Takes bytes in; output arrives through the callback given at creation. @returns false: wait for `drained` */
  write(chunk: Uint8Array): boolean;
  /** Makes everything taken in so far come out. */
  flush(): void;
  end(): void;
  /** Frees it without finishing. */
  cancel(): void;
}

/** What a {@link Compressor} calls. */
export interface CompressorHandler {
  data(chunk: Uint8Array): void;
  drained(): void;
  end(): void;
  fail(error: Error): void;
}

/** Content codings weir can produce. */
export type Coding = "gzip" | "br" | "zstd" | "deflate";

/** Whom a {@link FetchClient} trusts, and who it says it is. Texts are PEM, not paths. */
export interface FetchIdentity {
  /** Authorities to trust instead of the runtime's own. */
  readonly ca?: string | undefined;
  /** Client certificate, its chain below it; goes with `key`. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** The name to ask for, and to find in the server's certificate; default: the host of the URL. */
  readonly serverName?: string | undefined;
  /** Trust whatever certificate the server has. Default: false. */
  readonly insecureSkipVerify?: boolean | undefined;
  /** `http://host:port`, with `user:password@` where needed: connections go through this proxy, by CONNECT. */
  readonly proxyUrl?: string | undefined;
}

/** A request of a {@link FetchClient}. */
export interface FetchRequest {
  readonly method: string;
  /** A list becomes as many lines. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * HTTP for the control plane: the shape of `fetch`, with an identity of its own. It follows no redirects, keeps no
 * cookies, has no time limit (the signal is the limit) and any number of requests open at once.
 */
export interface FetchClient {
  /** Rejects with the system's error; an answer of any status resolves. */
  fetch(url: string, request: FetchRequest): Promise<Response>;
  /** Idle connections go at once, the others with their requests; no request may begin any more. */
  close(): void;
}

/** A program to run. */
export interface ProgramOptions {
  /** A name is looked up in PATH. */
  readonly command: string;
  readonly args: readonly string[];
  /** Added to the environment of this process. */
  readonly env: Readonly<Record<string, string>>;
  /** Written to its standard input, which then ends. Default: nothing. */
  readonly stdin?: string;
  /** Milliseconds until it is ended. */
  readonly timeoutMs: number;
}

/** How a program ended. */
export interface ProgramResult {
  /** undefined: it was ended by a signal, or ran out of time. */
  readonly code: number | undefined;
  readonly timedOut: boolean;
  /** At most one MiB each. */
  readonly stdout: string;
  readonly stderr: string;
}

/** Signals weir listens to. */
export type Signal = "SIGTERM" | "SIGINT" | "SIGHUP" | "SIGUSR1";

/** A gap of one runtime: what does not work there, and why. Reported to the user at start when it matters. */
export interface Gap {
  readonly feature: string;
  readonly reason: string;
  readonly link?: string;
}

/** Everything weir asks of Bun, Deno or Node. Implemented in `adapters/`. */
export interface Runtime {
  readonly name: "bun" | "deno" | "node";
  readonly version: string;
  readonly gaps: readonly Gap[];
  /** Command line arguments without program and script. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly hostname: string;
  readonly pid: number;
  /** The soft limit of open files; undefined where the system does not tell. */
  readonly fileLimit: number | undefined;
  readonly files: Files;
  /** @throws {ProxyError} code `listen-failed`, naming address and cause */
  listen(options: ListenOptions, accept: (connection: Connection) => void): Promise<Listener>;
  dial(options: DialOptions, handler: DialHandler): Dial;
  /**
   * Checks that a certificate and a key can be read and belong together.
   * @throws {ProxyError} code `bad-certificate`, naming what is wrong and never quoting it
   */
  loadIdentity(text: IdentityText): TlsIdentity;
  /** @throws {ProxyError} code `bad-tls-options`: versions, ciphers, curves or authorities that can't be used */
  secureServer(settings: SecureSettings): SecureServer;
  /** @throws {ProxyError} code `listen-failed`, naming address and cause */
  openDatagrams(options: DatagramOptions, handler: DatagramHandler): Promise<DatagramSocket>;
  /** Opens a UDP socket towards one server; a host name is resolved first. */
  dialDatagrams(options: DatagramOptions, handler: DatagramChannelHandler): DatagramChannel;
  /** @throws {ProxyError} code `bad-identity`: one of the texts is no certificate or no key, or the two don't match */
  createFetch(identity: FetchIdentity): FetchClient;
  /** Runs a program to its end. @throws {ProxyError} code `run-failed` when it can't be started */
  run(options: ProgramOptions): Promise<ProgramResult>;
  /** @returns undefined where the runtime can't produce that coding */
  compressor(coding: Coding, handler: CompressorHandler): Compressor | undefined;
  /** @returns stop listening */
  onSignal(signal: Signal, handler: () => void): () => void;
  /** Last resort: reports what nobody caught. The process goes on. */
  onUncaught(report: (error: unknown) => void): void;
  /** Standard output is a terminal: somebody reads it, and colours help. */
  readonly isTerminal: boolean;
  /** Everything that standard input holds, once it ends. @throws {Error} when it can't be read */
  readStdin(): Promise<string>;
  stdout(text: string): void;
  stderr(text: string): void;
  exit(code: number): never;
  /** Resident set size, in bytes. */
  residentBytes(): number;
}
