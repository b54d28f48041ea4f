// The page at `/dashboard/`: what this is, and links to what the API tells.

import { Hono } from "hono";
import { guard } from "./guard.ts";

const LINKS: readonly (readonly [path: string, label: string])[] = [
  ["api/overview", "Overview"],
  ["api/problems", "Configuration problems"],
  ["api/entrypoints", "Entry points"],
  ["api/http/routers", "HTTP routers"],
  ["api/http/services", "HTTP services"],
  ["api/http/middlewares", "HTTP middlewares"],
  ["api/tcp/routers", "TCP routers"],
  ["api/tcp/services", "TCP services"],
  ["api/tcp/middlewares", "TCP middlewares"],
  ["api/udp/routers", "UDP routers"],
  ["api/udp/services", "UDP services"],
  ["api/certificates", "Certificates"],
  ["api/rawdata", "Everything, raw"],
  ["api/version", "Version"],
];

const STYLE = "body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}";

/** What the page says. */
export interface DashboardOptions {
  readonly version: string;
  /** `/`, or the path the API lies under, without trailing slash. */
  readonly basePath: string;
}

/** Serves `/dashboard/`, and sends `/` and `/dashboard` there. */
export function createDashboard(options: DashboardOptions): Hono {
  const app = new Hono().basePath(options.basePath);
  const page = pageText(options.version);
  const target = `${options.basePath === "/" ? "" : options.basePath}/dashboard/`;
  app.use(guard);
  app.get("/dashboard/", (context) => context.html(page));
  for (const path of ["/", "/dashboard"]) {
    app.get(
      path,
      (context) => context.redirect(`${safePrefix(context.req.header("X-Forwarded-Prefix"))}${target}`, 302),
    );
  }
  return app;
}

/** A client may send X-Forwarded-Prefix itself: only a plain path of this site may come before the target. */
function safePrefix(prefix: string | undefined): string {
  if (prefix === undefined || prefix.length > 1024) return "";
  return /^(?:\/[A-Za-z0-9\-._~]+)+\/?$/.test(prefix) ? prefix.replace(/\/$/, "") : "";
}

function pageText(version: string): string {
  const links = LINKS.map(([path, label]) => `<li><a href="../${path}">${label}</a></li>`).join("\n");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>weir</title>
<style>${STYLE}</style>
</head>
<body>
<h1>weir ${escapeHtml(version)}</h1>
<ul>
${links}
</ul>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
