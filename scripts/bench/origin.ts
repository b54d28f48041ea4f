// The backends behind every proxy: one nginx with small, middle and large answers, and a sink for POST.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { files, SMALL_BODY } from "./cases.ts";
import { type Daemon, freePort, startDaemon } from "./daemon.ts";
import { launchNginx, nginxFrame } from "./proxies/nginx.ts";

/** Starts the origin in a private folder. */
export async function startOrigin(folder: string): Promise<Daemon> {
  const pages = join(folder, "pages");
  mkdirSync(pages, { recursive: true });
  for (const [path, bytes] of Object.entries(files)) {
    writeFileSync(join(pages, path), "0123456789abcdef".repeat(bytes / 16));
  }
  const port = await freePort();
  const body = [
    "  open_file_cache max=16;",
    `  server { listen 127.0.0.1:${port} backlog=1024;`,
    `    root ${pages};`,
    `    location = /small { default_type application/json; return 200 '${SMALL_BODY}'; }`,
    `    location = /sink { default_type application/json; return 200 '${SMALL_BODY}'; }`,
    "  }",
  ];
  const launch = launchNginx(folder, nginxFrame(folder, body.join("\n")));
  return await startDaemon("origin", launch, { port, host: "origin.test", path: "/small" });
}
