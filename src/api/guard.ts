// What every answer of the API and the dashboard has in common: read only, not framed, not for other sites.

import type { MiddlewareHandler } from "hono";

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; " +
  "frame-ancestors 'none'";

/** Refuses everything but reading, and reading by pages of other sites; sets the protective headers. */
export const guard: MiddlewareHandler = async (context, next) => {
  const { method } = context.req;
  if (method !== "GET" && method !== "HEAD") {
    context.res = message(405, `method ${method} is not allowed: this interface is read-only`);
    context.res.headers.set("Allow", "GET, HEAD");
  } else if (isCrossSite(context.req.raw.headers)) {
    context.res = message(403, "requests made by pages of other sites are refused");
  } else {
    await next();
  }
  const { headers } = context.res;
  headers.set("X-Frame-Options", "DENY");
  headers.set("X-Content-Type-Options", "nosniff");
  headers.set("Referrer-Policy", "no-referrer");
  headers.set("Content-Security-Policy", POLICY);
  headers.set("Cross-Origin-Resource-Policy", "same-origin");
  if (!headers.has("Cache-Control")) headers.set("Cache-Control", "no-store");
};

/** An error as Traefik's API says it. */
export function message(status: number, text: string): Response {
  return Response.json({ message: text }, { status });
}

/** A link that somebody follows is a navigation and allowed; a script or an image of another site is neither. */
function isCrossSite(headers: Headers): boolean {
  return headers.get("Sec-Fetch-Site") === "cross-site" && headers.get("Sec-Fetch-Mode") !== "navigate";
}
