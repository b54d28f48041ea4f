// weir as a proxy: one process on one runtime, routers from a file in Traefik's format, no access log.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { toRuntimeName } from "../../lib/tree.mjs";
import { weirCommand } from "../../lib/weir.mjs";
import type { Launch, Prepare, Site } from "../contenders.ts";

/** Prepares weir for a site, on a runtime. */
export function weir(runtime: string): Prepare {
  return (site) => {
    const secure = site.tls === undefined ? "" : "\n      tls: {}";
    const routers = site.hosts.map((host, at) =>
      `    router-${at}:\n      rule: Host(\`${host}\`)\n      entryPoints: [web]\n      service: origin${secure}`
    );
    const url = `http://127.0.0.1:${site.originPort}`;
    const service = `    origin:\n      loadBalancer:\n        servers:\n          - url: ${url}`;
    const { tls } = site;
    const pair = tls && `tls:\n  certificates:\n    - certFile: ${tls.cert}\n      keyFile: ${tls.key}\n`;
    return launch(runtime, site, `http:\n  routers:\n${routers.join("\n")}\n  services:\n${service}\n${pair ?? ""}`);
  };
}

/** Prepares weir for TCP, on a runtime. */
export function weirTcp(runtime: string): Prepare {
  return (site) => {
    const router = "    all:\n      rule: HostSNI(`*`)\n      entryPoints: [web]\n      service: origin";
    const address = `127.0.0.1:${site.originPort}`;
    const service = `    origin:\n      loadBalancer:\n        servers:\n          - address: ${address}`;
    return launch(runtime, site, `tcp:\n  routers:\n${router}\n  services:\n${service}\n`);
  };
}

function launch(runtime: string, site: Site, configuration: string): Launch {
  const { command, args } = weirCommand(toRuntimeName(runtime));
  const path = join(site.folder, "weir.yml");
  writeFileSync(path, configuration);
  const flags = [
    `--entrypoints.web.address=127.0.0.1:${site.port}`,
    `--providers.file.filename=${path}`,
    "--log.level=ERROR",
  ];
  return { command, args: [...args, ...flags] };
}
