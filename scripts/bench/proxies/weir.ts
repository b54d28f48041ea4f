// weir as a proxy: one process on one runtime, routers from a file in Traefik's format, no access log.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { toRuntimeName } from "../../lib/tree.mjs";
import { weirCommand } from "../../lib/weir.mjs";
import type { Prepare } from "../contenders.ts";

/** Prepares weir for a site, on a runtime. */
export function weir(runtime: string): Prepare {
  const { command, args } = weirCommand(toRuntimeName(runtime));
  return (site) => {
    const path = join(site.folder, "weir.yml");
    const secure = site.tls === undefined ? "" : "\n      tls: {}";
    const routers = site.hosts.map((host, at) =>
      `    router-${at}:\n      rule: Host(\`${host}\`)\n      entryPoints: [web]\n      service: origin${secure}`
    );
    const url = `http://127.0.0.1:${site.originPort}`;
    const service = `    origin:\n      loadBalancer:\n        servers:\n          - url: ${url}`;
    const { tls } = site;
    const pair = tls && `tls:\n  certificates:\n    - certFile: ${tls.cert}\n      keyFile: ${tls.key}\n`;
    writeFileSync(path, `http:\n  routers:\n${routers.join("\n")}\n  services:\n${service}\n${pair ?? ""}`);
    const flags = [
      `--entrypoints.web.address=127.0.0.1:${site.port}`,
      `--providers.file.filename=${path}`,
      "--log.level=ERROR",
    ];
    return { command, args: [...args, ...flags] };
  };
}
