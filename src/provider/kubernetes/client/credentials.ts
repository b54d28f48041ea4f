// What requests carry: endpoint, TLS identity and headers; files and programs behind them are asked again in time.

import { ProxyError } from "../../../net/error.ts";
import type { FetchClient, FetchIdentity, Runtime } from "../../../net/runtime.ts";
import { type ExecCredential, runExec } from "./exec-credential.ts";
import { KubeError, misconfigured } from "./kube-error.ts";
import { readTarget } from "./read-target.ts";
import type { ConnectionOptions, PemPlace, Target } from "./target.ts";

const REREAD_MS = 60_000; // as client-go does: a bound token lives an hour and is renewed at 80 % of it
const EARLY_MS = 10_000; // before its end a program's credential is asked for again

/** What weir asks of the system to reach an API server. */
export type KubeRuntime = Pick<Runtime, "env" | "files" | "createFetch" | "run">;

/** Everything about a request but its path. */
export interface Access {
  /** Without a slash at the end. */
  readonly endpoint: string;
  readonly http: FetchClient;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** Of the kubeconfig's context; undefined: none is named. */
  readonly namespace?: string | undefined;
}

/** Where requests get their {@link Access} from. */
export interface AccessSource {
  /** Cheap while nothing is due. @throws {KubeError} `misconfigured` */
  open(): Promise<Access>;
  /** The server answered 401: what is known is read again before the next request. */
  refused(): void;
  /** Open requests end on their own. */
  close(): void;
}

/** What {@link createCredentials} works with. */
export interface CredentialsOptions {
  readonly connection: ConnectionOptions;
  readonly runtime: KubeRuntime;
  /** Milliseconds that never go back. */
  readonly now: () => number;
}

/** Nothing is read before the first request. */
export function createCredentials(options: CredentialsOptions): AccessSource {
  return new Credentials(options);
}

class Credentials implements AccessSource {
  readonly #options: CredentialsOptions;
  #access: Access | undefined;
  #identity: string;
  #dueAt: number;
  #wasRefused: boolean;
  #reading: Promise<Access> | undefined;
  #program: { readonly config: string; readonly credential: ExecCredential } | undefined;
  /** The last token read of each file. */
  readonly #tokens: Map<string, string>;

  constructor(options: CredentialsOptions) {
    this.#options = options;
    this.#access = undefined;
    this.#identity = "";
    this.#dueAt = 0;
    this.#wasRefused = false;
    this.#reading = undefined;
    this.#program = undefined;
    this.#tokens = new Map();
  }

  open(): Promise<Access> {
    if (this.#access !== undefined && this.#options.now() < this.#dueAt) return Promise.resolve(this.#access);
    this.#reading ??= this.#read().catch((error) => this.#keep(error)).finally(() => void (this.#reading = undefined));
    return this.#reading;
  }

  refused(): void {
    this.#dueAt = 0;
    this.#wasRefused = true;
    this.#program = undefined;
  }

  close(): void {
    this.#access?.http.close();
  }

  /** Files may be in the middle of being rewritten: what was read last is good until the server refuses it. */
  #keep(error: unknown): Access {
    if (this.#access === undefined || this.#wasRefused) throw error;
    this.#dueAt = this.#options.now() + EARLY_MS;
    return this.#access;
  }

  async #read(): Promise<Access> {
    const { connection, runtime, now } = this.#options;
    const target = await readTarget(connection, runtime);
    const credential = await this.#credential(target);
    const identity = await this.#identityOf(target, credential);
    const headers = { ...target.headers, ...await this.#authorization(target, credential) };
    const text = JSON.stringify(identity);
    let http = this.#access?.http;
    if (http === undefined || text !== this.#identity) {
      const made = createFetch(runtime, identity, target);
      http?.close(); // what is open goes on to its end
      http = made;
      this.#identity = text;
    }
    this.#access = { endpoint: target.endpoint, http, headers, namespace: target.namespace };
    const lifeMs = (credential?.expiresAt ?? Infinity) - Date.now() - EARLY_MS;
    this.#dueAt = now() + Math.max(0, Math.min(REREAD_MS, lifeMs));
    this.#wasRefused = false;
    return this.#access;
  }

  /** The program's answer, kept until it expires or is refused. */
  async #credential({ exec, ca }: Target): Promise<ExecCredential | undefined> {
    if (exec === undefined) return undefined;
    const authority = exec.cluster !== undefined && ca !== undefined ? await this.#pem(ca) : undefined;
    const cluster = authority === undefined
      ? exec.cluster
      : { ...exec.cluster, "certificate-authority-data": btoa(authority) };
    const config = { ...exec, ...(cluster !== undefined && { cluster }) };
    const text = JSON.stringify(config);
    const known = this.#program;
    if (known?.config === text && known.credential.expiresAt - EARLY_MS > Date.now()) return known.credential;
    const credential = await runExec(config, this.#options.runtime.run);
    this.#program = { config: text, credential };
    return credential;
  }

  async #identityOf(target: Target, credential: ExecCredential | undefined): Promise<FetchIdentity> {
    const { endpoint, serverName, insecureSkipVerify, proxyUrl } = target;
    if (endpoint.startsWith("http:")) return { proxyUrl };
    const [ca, cert, key] = await Promise.all([
      target.ca && this.#pem(target.ca),
      credential?.cert ?? (target.cert && this.#pem(target.cert)),
      credential?.key ?? (target.key && this.#pem(target.key)),
    ]);
    return { ca, cert, key, serverName, insecureSkipVerify, proxyUrl };
  }

  async #pem({ text, path = "", named }: PemPlace): Promise<string> {
    if (text !== undefined) return text;
    try {
      return await this.#options.runtime.files.readText(path);
    } catch (cause) {
      throw unreadable(path, named, cause);
    }
  }

  /** A user's token goes before a password; a program's token before both. */
  async #authorization(target: Target, credential: ExecCredential | undefined): Promise<Record<string, string>> {
    const token = credential?.token ?? await this.#token(target);
    if (token !== undefined && token !== "") return { authorization: `Bearer ${token}` };
    const { basic } = target;
    if (basic === undefined) return {};
    const bytes = new TextEncoder().encode(`${basic.username}:${basic.password}`);
    return { authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` };
  }

  async #token({ token, tokenFile }: Target): Promise<string | undefined> {
    if (tokenFile === undefined) return token?.trim();
    try {
      const text = (await this.#options.runtime.files.readText(tokenFile.path)).trim();
      this.#tokens.set(tokenFile.path, text);
      return text;
    } catch (cause) {
      // A file that was there and is not now is being replaced: the last token is the best one there is.
      const last = this.#tokens.get(tokenFile.path) ?? token?.trim();
      if (last === undefined) throw unreadable(tokenFile.path, tokenFile.named, cause);
      return last;
    }
  }
}

function createFetch(runtime: KubeRuntime, identity: FetchIdentity, target: Target): FetchClient {
  try {
    return runtime.createFetch(identity);
  } catch (cause) {
    if (!(cause instanceof ProxyError)) throw cause;
    const sources = [target.ca, target.cert, target.key, target.exec];
    const places = sources.flatMap((source) => source === undefined ? [] : [source.named]);
    throw misconfigured({
      severity: "error",
      code: "kube-bad-certificate",
      message: `${cause.message} (from ${places.join(", ")})`,
    }, cause);
  }
}

function unreadable(path: string, named: string, cause: unknown): KubeError {
  return misconfigured({
    severity: "error",
    code: "kube-file-unreadable",
    message: `${named} names the file ${JSON.stringify(path)}, which can't be read: ${
      cause instanceof Error ? cause.message : String(cause)
    }`,
  }, cause);
}
