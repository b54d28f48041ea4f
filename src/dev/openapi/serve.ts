// Answers requests for OpenAPI documents in the form a client asked for.

import type { OpenApiDocument, OpenApiDocuments } from "./documents.ts";

const JSON_TYPE = "text/plain; charset=utf-8"; // what a real server calls its JSON here
const BINARY_TYPE = "application/octet-stream";

/** Answers `/openapi/v2`, `/openapi/v3` and what is below it; undefined for anything else. */
export function serveOpenApi(documents: OpenApiDocuments, request: Request): Response | undefined {
  const path = new URL(request.url).pathname.replace(/\/$/, "");
  if (path === "/openapi/v2") {
    const binary = (request.headers.get("accept") ?? "").includes("protobuf");
    return binary
      ? answer(request, documents.v2Protobuf(), { type: BINARY_TYPE, vary: "Accept-Encoding, Accept" })
      : answer(request, documents.v2(), { type: JSON_TYPE, vary: "Accept-Encoding, Accept" });
  }
  if (path === "/openapi/v3") return answer(request, documents.v3Index(), { type: JSON_TYPE });
  if (!path.startsWith("/openapi/v3/")) return undefined;
  const document = documents.v3(path.slice("/openapi/v3/".length));
  if (document === undefined) return new Response(null, { status: 404, headers: { "cache-control": CACHE } });
  return answer(request, document, { type: JSON_TYPE, vary: "Accept" });
}

const CACHE = "no-cache, private";

function answer(
  request: Request,
  { body, etag }: OpenApiDocument,
  { type, vary }: { readonly type: string; readonly vary?: string },
): Response {
  const common: Record<string, string> = { "cache-control": CACHE, ...(vary === undefined ? {} : { vary, etag }) };
  if (vary !== undefined && request.headers.get("if-none-match") === etag) {
    return new Response(null, { status: 304, headers: common });
  }
  return new Response(body, { headers: { ...common, "content-type": type } });
}
