// Caddy as a proxy: one processor, pooled upstream connections, no access log.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Launch, Site } from "../contenders.ts";

/** Prepares Caddy for a site. */
export function caddy(site: Site): Launch {
  const { tls } = site;
  const scheme = tls === undefined ? "http" : "https";
  const secure = tls === undefined ? "" : `\n\ttls ${tls.cert} ${tls.key}`;
  const servers = site.hosts.map((host) =>
    `${scheme}://${host}:${site.port} {\n\tbind 127.0.0.1${secure}\n\timport origin\n}`
  );
  const lines = [
    "{",
    "\tadmin off",
    "\tauto_https off",
    ...(tls === undefined ? [] : [`\tdefault_sni ${site.hosts[0]}`]),
    "\tgrace_period 1s",
    "\tlog {\n\t\tlevel ERROR\n\t}",
    "}",
    "(origin) {",
    `\treverse_proxy 127.0.0.1:${site.originPort} {`,
    "\t\ttransport http {\n\t\t\tkeepalive_idle_conns_per_host 128\n\t\t\tcompression off\n\t\t}",
    "\t}",
    "}",
    ...servers,
    "",
  ];
  const path = join(site.folder, "Caddyfile");
  writeFileSync(path, lines.join("\n"));
  return {
    command: "caddy",
    args: ["run", "--adapter", "caddyfile", "--config", path],
    env: { GOMAXPROCS: "1", HOME: site.folder, XDG_DATA_HOME: site.folder, XDG_CONFIG_HOME: site.folder },
  };
}
