// nginx as a proxy: one process, pooled upstream connections, no access log.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Launch, Site } from "../contenders.ts";

/** Directives that every nginx of the benchmark shares: one process in the foreground, all files in its folder. */
export function nginxFrame(folder: string, body: string): string {
  const scratch = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) =>
    `  ${kind}_temp_path ${folder}/${kind};`
  );
  return [
    "daemon off;",
    "master_process off;",
    "worker_processes 1;",
    "worker_rlimit_nofile 8192;",
    `pid ${folder}/nginx.pid;`,
    "error_log stderr error;",
    "events { worker_connections 4096; }",
    "http {",
    ...scratch,
    "  access_log off;",
    "  keepalive_requests 100000000;",
    "  keepalive_timeout 300s;",
    "  sendfile on;",
    "  tcp_nopush on;",
    "  tcp_nodelay on;",
    "  server_names_hash_max_size 4096;",
    "  server_names_hash_bucket_size 128;",
    body,
    "}",
    "",
  ].join("\n");
}

/** @returns how nginx starts with a configuration in a folder of its own */
export function launchNginx(folder: string, configuration: string): Launch {
  const path = join(folder, "nginx.conf");
  writeFileSync(path, configuration);
  return { command: "nginx", args: ["-p", folder, "-e", "stderr", "-c", path] };
}

/** Prepares nginx for a site. */
export function nginx(site: Site): Launch {
  const { tls } = site;
  const secure = tls === undefined ? "" : ` ssl_certificate ${tls.cert}; ssl_certificate_key ${tls.key};`;
  const servers = site.hosts.map((host) =>
    `  server { listen 127.0.0.1:${site.port}${
      tls === undefined ? "" : " ssl http2"
    };${secure} server_name ${host}; location / { proxy_pass http://origin; } }`
  );
  const body = [
    `  upstream origin { server 127.0.0.1:${site.originPort}; keepalive 128; keepalive_requests 100000000; }`,
    "  proxy_http_version 1.1;",
    '  proxy_set_header Connection "";',
    "  proxy_set_header Host $http_host;",
    "  proxy_set_header X-Real-IP $remote_addr;",
    "  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
    "  proxy_set_header X-Forwarded-Host $http_host;",
    "  proxy_set_header X-Forwarded-Proto $scheme;",
    "  proxy_max_temp_file_size 0;",
    ...servers,
  ];
  return launchNginx(site.folder, nginxFrame(site.folder, body.join("\n")));
}
