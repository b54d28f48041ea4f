// weir as a real process in front of an echo backend, with a file provider and a folder of its own.

import { rename } from "node:fs/promises";
import { join } from "node:path";
import { type Answer, ask, type Question } from "./ask.ts";
import { type Echo, startEcho } from "./echo.ts";
import type { RuntimeCommand } from "./runtimes.ts";
import { startWeir, temporaryFolder, type Weir } from "./weir.ts";

/** What a test works with. */
export interface ProxyProcess {
  readonly weir: Weir;
  readonly echo: Echo;
  /** The folder the file provider watches. */
  readonly folder: string;
  /** Writes a file of that folder at once, as `mv` does. */
  write(name: string, text: string): Promise<void>;
  /** Asks the entry point `web`. */
  ask(question?: Omit<Question, "port">): Promise<Answer>;
  /** Asks the entry point `traefik`. */
  asks(path: string): Promise<Answer>;
}

/** How to start it. */
export interface ProxyProcessOptions {
  readonly flags?: readonly string[];
  /** Made of the backend's URL; the file `dynamic.yml`. Default: everything goes to the backend. */
  readonly dynamic?: (url: string) => string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts it, lets a test use it, and stops it. */
export async function withProxy(
  runtime: RuntimeCommand,
  options: ProxyProcessOptions,
  use: (proxy: ProxyProcess) => Promise<void>,
): Promise<void> {
  const folder = await temporaryFolder();
  const echo = await startEcho();
  const { flags = [], dynamic = toEcho, env } = options;
  await folder.write("dynamic.yml", dynamic(echo.url));
  try {
    const weir = await startWeir(runtime, [
      "--entrypoints.web.address=127.0.0.1:0",
      "--entrypoints.traefik.address=127.0.0.1:0",
      `--providers.file.directory=${folder.path}`,
      ...flags,
    ], { XDG_CONFIG_HOME: folder.path, ...env });
    try {
      await use({
        weir,
        echo,
        folder: folder.path,
        async write(name, text) {
          const temporary = await folder.write(`${name}.part`, text);
          await rename(temporary, join(folder.path, name));
        },
        ask: (question = {}) => ask({ port: weir.port("web"), ...question }),
        asks: (path) => ask({ port: weir.port("traefik"), host: "localhost", path }),
      });
    } finally {
      echo.release();
      await weir.stop();
    }
  } finally {
    await echo.close();
    await folder.remove();
  }
}

/** One router `app` for the host `app.test`, and its service. */
export function toEcho(url: string): string {
  return routesTo(url, '    app: {rule: "Host(`app.test`)", service: app}\n');
}

/** Routers as YAML lines, and the service `app` they use. @param rest further sections of `http` */
export function routesTo(url: string, routers: string, rest = ""): string {
  return `http:
  routers:
${routers}  services:
    app: {loadBalancer: {servers: [{url: "${url}"}]}}
${rest}`;
}
