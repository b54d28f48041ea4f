// Certificates that are exchanged again and again, in files and in Secrets, while clients do handshakes at a steady pace.

import { once } from "node:events";
import { renameSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { connect } from "node:tls";
import { type KubeServer, startKubeServer } from "./kube-server.ts";
import { type Authority, createAuthority, type KeyPairText } from "./private-authority.ts";
import { withProxy } from "./proxy-process.ts";
import { readyMs } from "./resident.ts";
import type { RuntimeCommand } from "./runtimes.ts";

/** How much, and how fast. */
export interface SwapPlan {
  readonly swaps: number;
  readonly swapsPerSecond: number;
  /** For each of the two names. */
  readonly handshakesPerSecond: number;
}

/** What became of one name's certificate. */
export interface SwapResult {
  /** `file` or `secret`. */
  readonly name: string;
  readonly handshakes: number;
  /** Those of them that resumed a session. */
  readonly resumed: number;
  /** Why handshakes, or the requests after them, failed. */
  readonly failed: readonly string[];
  /** Swaps whose certificate a client has seen. */
  readonly seen: number;
  /** Milliseconds after the end of a swap at which the oldest of the certificates began to be shown that it replaced. */
  readonly oldestMs: number;
  /** Milliseconds for which weir was ready to run meanwhile, and had no processor: the machine's share in the above. */
  readonly waitedMs: number;
}

type Seen = Omit<SwapResult, "waitedMs">;

/** Certificates in turn: a round of them must last longer than an old one may be served. */
const POOL = 24;
const NAMES = ["file", "secret"] as const;
const PATIENCE_MS = 10_000;
/** Each of so many handshakes offers the session of an earlier one. */
const RESUMED = 5;

let pools: Promise<readonly KeyPairText[][]> | undefined = undefined;

/** Starts weir with a certificate of each kind, and exchanges both. */
export async function swapCertificates(runtime: RuntimeCommand, plan: SwapPlan): Promise<readonly SwapResult[]> {
  const [ofFiles = [], ofSecrets = []] = await (pools ??= createPools());
  const kube = await startKubeServer();
  const folder = await createAuthority();
  const files = new Rotation("file", ofFiles, (pair) => putFiles(folder, pair));
  const secrets = new Rotation("secret", ofSecrets, (pair) => putSecret(kube, pair));
  try {
    await Promise.all([files.turn(), secrets.turn()]);
    const flags = [`--providers.kubernetescrd.endpoint=${kube.url}`];
    let results: readonly SwapResult[] = [];
    await withProxy(runtime, { flags, dynamic: dynamicFor(folder.folder) }, async ({ weir, echo }) => {
      addRoute(kube, Number(new URL(echo.url).port));
      const clients = [files, secrets].map((rotation) => new Clients(rotation, weir.port("web")));
      await Promise.all(clients.map((each) => each.untilServed()));
      const before = readyMs(weir.pid);
      const seen = await run([files, secrets], clients, plan);
      const waitedMs = Math.round(readyMs(weir.pid) - before);
      results = seen.map((each) => ({ ...each, waitedMs }));
    });
    return results;
  } finally {
    await kube.close();
    await folder.remove();
  }
}

async function run(
  rotations: readonly Rotation[],
  clients: readonly Clients[],
  { swaps, swapsPerSecond, handshakesPerSecond }: SwapPlan,
): Promise<readonly Seen[]> {
  let isOver = false;
  const shaking = clients.map((each) =>
    pace(handshakesPerSecond, () => {
      if (!isOver) each.shake();
      return !isOver;
    })
  );
  let left = swaps;
  await pace(swapsPerSecond, async () => {
    await Promise.all(rotations.map((each) => each.turn()));
    return --left > 0;
  });
  await Promise.all(clients.map((each) => each.untilLast())); // or the last one would not be judged
  isOver = true;
  await Promise.all(shaking);
  return await Promise.all(clients.map((each) => each.finish()));
}

/** Does something so often per second, as well as the machine can, until it answers false. */
async function pace(perSecond: number, act: () => boolean | Promise<boolean>): Promise<void> {
  const start = performance.now();
  for (let count = 1; await act(); count++) {
    await delay(Math.max(0, start + count * 1000 / perSecond - performance.now()));
  }
}

/** One name's certificates, in turn. */
class Rotation {
  readonly name: string;
  readonly #pool: readonly KeyPairText[];
  readonly #put: (pair: KeyPairText) => Promise<void>;
  /** Swaps begun; the certificate number n is that of `#pool[n % POOL]`. */
  #begun = -1;
  /** When each swap was done. */
  readonly #done: number[] = [];

  constructor(name: string, pool: readonly KeyPairText[], put: (pair: KeyPairText) => Promise<void>) {
    this.name = name;
    this.#pool = pool;
    this.#put = put;
  }

  get host(): string {
    return `${this.name}.test`;
  }

  /** The certificate in force; -1: none yet. */
  get last(): number {
    return this.#done.length - 1;
  }

  async turn(): Promise<void> {
    const pair = this.#pool[++this.#begun % POOL];
    if (pair === undefined) throw new Error("there are no certificates");
    await this.#put(pair);
    this.#done.push(performance.now());
  }

  /** @returns the latest number, of those put or about to be put, that has the common name */
  numberOf(commonName: string): number {
    const index = Number(commonName.slice(commonName.lastIndexOf("-") + 1));
    return this.#begun - (this.#begun - index + POOL) % POOL;
  }

  /** @returns milliseconds for which that certificate was out of force at a time; 0: it was not */
  age(number: number, at: number): number {
    return Math.max(0, at - (this.#done[number + 1] ?? Infinity));
  }
}

/** Clients of one name. */
class Clients {
  readonly #rotation: Rotation;
  readonly #port: number;
  readonly #failed: string[] = [];
  readonly #seen = new Set<number>();
  readonly #underWay = new Set<Promise<void>>();
  #begun = 0;
  #resumed = 0;
  #oldestMs = 0;
  #session: Uint8Array | undefined = undefined;

  constructor(rotation: Rotation, port: number) {
    this.#rotation = rotation;
    this.#port = port;
  }

  /** Resolves when weir serves the name. */
  async untilServed(): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    while (performance.now() < end) {
      if ((await this.#ask(undefined).catch(() => undefined))?.isServed === true) return;
    }
    throw new Error(`${this.#rotation.host} is not served`);
  }

  /** Resolves when the last certificate was seen. */
  async untilLast(): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    while (!this.#seen.has(this.#rotation.last) && performance.now() < end) await delay(10);
  }

  /** Begins a handshake, with a request behind it. */
  shake(): void {
    const session = this.#begun++ % RESUMED === 0 ? this.#session : undefined;
    const done = this.#shake(session).catch((error: unknown) => void this.#failed.push(String(error)));
    this.#underWay.add(done);
    void done.then(() => this.#underWay.delete(done));
  }

  async finish(): Promise<Seen> {
    await Promise.all(this.#underWay);
    const seen = [...this.#seen].filter((number) => number > 0).length; // 0 was there before the first swap
    const { name } = this.#rotation;
    return {
      ...{ name, handshakes: this.#begun, resumed: this.#resumed, failed: this.#failed },
      ...{ seen, oldestMs: Math.round(this.#oldestMs) },
    };
  }

  async #shake(session: Uint8Array | undefined): Promise<void> {
    const begun = performance.now();
    const { isServed, isResumed, commonName } = await this.#ask(session);
    if (!isServed) throw new Error(`not served under ${commonName}`);
    if (isResumed) return void this.#resumed++; // the certificate is that of the session
    const number = this.#rotation.numberOf(commonName);
    this.#seen.add(number);
    this.#oldestMs = Math.max(this.#oldestMs, this.#rotation.age(number, begun));
  }

  async #ask(session: Uint8Array | undefined) {
    const { host } = this.#rotation;
    const socket = connect({
      ...{ host: "127.0.0.1", port: this.#port, servername: host, rejectUnauthorized: false },
      ...(session !== undefined && { session: Buffer.from(session) }),
    });
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error("no answer")));
    socket.on("session", (each) => void (this.#session = each));
    let text = "";
    socket.on("data", (chunk: Uint8Array) => void (text += String(chunk)));
    await once(socket, "secureConnect");
    const commonName = String(socket.getPeerCertificate().subject?.CN ?? "");
    const isResumed = socket.isSessionReused();
    const closed = once(socket, "close");
    socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    await closed;
    return { isServed: text.startsWith("HTTP/1.1 200 "), isResumed, commonName };
  }
}

/** A pool for each name; the common names end with their place in the pool. */
async function createPools(): Promise<readonly KeyPairText[][]> {
  const authority = await createAuthority();
  try {
    return await Promise.all(NAMES.map(async (name) => {
      const pool: KeyPairText[] = [];
      for (let index = 0; index < POOL; index++) {
        pool.push(await authority.issue({ subject: `${name}-${index}`, names: `DNS:${name}.test` }));
      }
      return pool;
    }));
  } finally {
    await authority.remove();
  }
}

/** One file after the other, as tools do that renew certificates: for a moment, certificate and key are no pair. */
async function putFiles({ folder }: Authority, { cert, key }: KeyPairText): Promise<void> {
  const files = [["swap.crt", cert], ["swap.key", key]] as const;
  await Promise.all(files.map(([name, text]) => writeFile(join(folder, `${name}.part`), text)));
  for (const [name] of files) renameSync(join(folder, `${name}.part`), join(folder, name));
}

function putSecret(kube: KubeServer, { cert, key }: KeyPairText): Promise<void> {
  return kube.apply({
    apiVersion: "v1",
    kind: "Secret",
    type: "kubernetes.io/tls",
    metadata: { name: "swap" },
    data: { "tls.crt": btoa(cert), "tls.key": btoa(key) },
  });
}

function dynamicFor(folder: string): (url: string) => string {
  return (url) => `
http:
  routers:
    file: {rule: "Host(\`file.test\`)", service: echo, tls: {}}
  services:
    echo: {loadBalancer: {servers: [{url: "${url}"}]}}
tls:
  certificates:
    - {certFile: ${folder}/swap.crt, keyFile: ${folder}/swap.key}
`;
}

function addRoute(kube: KubeServer, port: number): void {
  kube.force({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web" },
    spec: { ports: [{ port: 80, targetPort: port }] },
  });
  kube.force({
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: "web-1", labels: { "kubernetes.io/service-name": "web" } },
    addressType: "IPv4",
    endpoints: [{ addresses: ["127.0.0.1"], conditions: { ready: true } }],
    ports: [{ port }],
  });
  kube.force({
    apiVersion: "traefik.io/v1alpha1",
    kind: "IngressRoute",
    metadata: { name: "secret" },
    spec: {
      routes: [{ match: "Host(`secret.test`)", kind: "Rule", services: [{ name: "web", port: 80 }] }],
      tls: { secretName: "swap" },
    },
  });
}
