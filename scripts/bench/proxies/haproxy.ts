// HAProxy as a proxy: one thread, pooled upstream connections, no log.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Launch, Site } from "../contenders.ts";

/** Prepares HAProxy for a site. */
export function haproxy(site: Site): Launch {
  const map = join(site.folder, "hosts.map");
  writeFileSync(map, site.hosts.map((host) => `${host} origin\n`).join(""));
  const lines = [
    "global",
    "  nbthread 1",
    "  maxconn 4096",
    "defaults",
    "  mode http",
    "  timeout connect 5s",
    "  timeout client 300s",
    "  timeout server 60s",
    "  timeout http-keep-alive 300s",
    "  option forwardfor",
    "  http-reuse always",
    "frontend web",
    `  bind 127.0.0.1:${site.port}${site.tls === undefined ? "" : ` ssl crt ${site.tls.both} alpn h2,http/1.1`}`,
    `  http-request set-header X-Forwarded-Proto ${site.tls === undefined ? "http" : "https"}`,
    "  http-request set-header X-Forwarded-Host %[req.hdr(host)]",
    `  use_backend %[req.hdr(host),lower,map(${map})]`,
    "backend origin",
    `  server origin 127.0.0.1:${site.originPort} pool-max-conn 128`,
    "",
  ];
  return launch(site, lines);
}

/** Prepares HAProxy for TCP. */
export function haproxyTcp(site: Site): Launch {
  return launch(site, [
    "global",
    "  nbthread 1",
    "  maxconn 4096",
    "defaults",
    "  mode tcp",
    "  timeout connect 5s",
    "  timeout client 300s",
    "  timeout server 300s",
    "frontend tcp",
    `  bind 127.0.0.1:${site.port}`,
    "  default_backend origin",
    "backend origin",
    `  server origin 127.0.0.1:${site.originPort}`,
    "",
  ]);
}

function launch(site: Site, lines: readonly string[]): Launch {
  const path = join(site.folder, "haproxy.cfg");
  writeFileSync(path, lines.join("\n"));
  return { command: "haproxy", args: ["-q", "-db", "-f", path] };
}
