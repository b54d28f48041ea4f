// weir as a process whose entry point `web` speaks HTTP/1 and HTTP/2, in the clear and over TLS, on one port.

import { join } from "node:path";
import { writeFile } from "node:fs/promises";
import { connect } from "node:tls";
import { type Authority, createAuthority } from "./private-authority.ts";
import { eventually } from "./ask.ts";
import type { RuntimeCommand } from "./runtimes.ts";
import { startWeir, temporaryFolder, type Weir } from "./weir.ts";

/** What a test works with. */
export interface H2Proxy {
  readonly weir: Weir;
  /** Of `web`. */
  readonly port: number;
  /** The certificate authority's own certificate: a file, and its text. */
  readonly caFile: string;
  readonly ca: string;
}

/** Where everything goes, and how weir is started. */
export interface H2ProxyOptions {
  /** Servers of the one service, as URLs. */
  readonly servers: readonly string[];
  readonly flags?: readonly string[];
  /** YAML lines of the load balancer beside its servers. */
  readonly balancer?: string;
  /** YAML of further sections of `http`. */
  readonly more?: string;
}

/** The name in the certificate, and of every route. */
export const H2_HOST = "a.test";

/** Starts weir, lets a test use it, and stops it. @param authority default: one for this test */
export async function withH2Proxy(
  runtime: RuntimeCommand,
  options: H2ProxyOptions,
  use: (proxy: H2Proxy) => Promise<void>,
  authority?: Authority,
): Promise<void> {
  const folder = await temporaryFolder();
  const signer = authority ?? await createAuthority();
  try {
    const pair = await signer.issue({ subject: H2_HOST, names: `DNS:${H2_HOST}` });
    const caFile = await folder.write("ca.crt", signer.ca);
    await folder.write("site.crt", pair.cert);
    await folder.write("site.key", pair.key);
    const file = join(folder.path, "dynamic.yml");
    await writeFile(file, dynamicOf(folder.path, options));
    const weir = await startWeir(runtime, [
      "--entrypoints.web.address=127.0.0.1:0",
      `--providers.file.filename=${file}`,
      "--log.level=INFO",
      ...options.flags ?? [],
    ], { XDG_CONFIG_HOME: folder.path });
    try {
      await speaksTls(weir.port("web"));
      await use({ weir, port: weir.port("web"), caFile, ca: signer.ca });
    } finally {
      await weir.stop();
    }
  } finally {
    if (authority === undefined) await signer.remove();
    await folder.remove();
  }
}

function dynamicOf(folder: string, { servers, balancer = "", more = "" }: H2ProxyOptions): string {
  const list = servers.map((url) => `{url: "${url}"}`).join(", ");
  return `http:
  routers:
    plain: {rule: "PathPrefix(\`/\`)", service: app}
    secure: {rule: "Host(\`${H2_HOST}\`)", service: app, tls: {}}
  services:
    app:
      loadBalancer:
        servers: [${list}]
${balancer}${more}tls:
  certificates:
    - {certFile: ${folder}/site.crt, keyFile: ${folder}/site.key}
`;
}

/** A listener that learns that it needs TLS may be opened anew, during which nobody can connect. */
async function speaksTls(port: number): Promise<void> {
  const shakesHands = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect({ host: "127.0.0.1", port, servername: H2_HOST, rejectUnauthorized: false }, () => {
        socket.resume();
        socket.end(); // in good order: a client that is cut off in its handshake would keep weir from stopping
      });
      socket.on("close", (hadError) => resolve(!hadError));
      socket.on("error", () => resolve(false));
    });
  await eventually(shakesHands, (does) => does);
}
