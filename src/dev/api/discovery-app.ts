// The paths that are no resources: discovery, health, schemas, the version.

import { Hono } from "hono";
import { ISSUER } from "../auth/service-account-tokens.ts";
import { methodNotAllowed } from "../kube/status.ts";
import { OpenApiDocuments } from "../openapi/documents.ts";
import { serveOpenApi } from "../openapi/serve.ts";
import type { ApiContext } from "./context.ts";
import { coreVersions, group, groupList, resourceList, rootPaths, versionInfo } from "./discovery.ts";
import { healthChecks } from "./health.ts";
import { nothingServed, PlainNotFound } from "./resource-request.ts";
import { discoveryAnswer, failureAnswer, jsonAnswer, textAnswer } from "./respond.ts";

/** Answers everything but resources. */
export function createDiscoveryApp(context: ApiContext): Hono {
  const app = new Hono({ strict: false });
  app.onError((thrown, c) => failureAnswer(thrown, c.req.raw));
  app.notFound((c) => failureAnswer(new PlainNotFound(), c.req.raw));
  addHealth(app);
  addGroups(app, context);
  app.get("/", (c) => jsonAnswer(c.req.raw, rootPaths(context.kinds)));
  app.get("/version", (c) => {
    if (c.req.raw.method === "HEAD") throw methodNotAllowed();
    return jsonAnswer(c.req.raw, versionInfo);
  });
  app.all("/version", () => {
    throw methodNotAllowed();
  });
  app.get("/metrics", () => textAnswer(metricsText(context)));
  addOpenId(app, context);
  const documents = new OpenApiDocuments(context.kinds);
  app.get("/openapi/*", (c) => serveOpenApi(documents, c.req.raw) ?? failureAnswer(new PlainNotFound(), c.req.raw));
  return app;
}

function addHealth(app: Hono): void {
  for (const path of ["/healthz", "/livez", "/readyz"]) {
    app.get(path, (c) => textAnswer(c.req.query("verbose") === undefined ? "ok" : healthChecks(path.slice(1))));
    app.get(`${path}/ping`, () => textAnswer("ok"));
  }
}

function addGroups(app: Hono, { kinds }: ApiContext): void {
  const found = (request: Request, of: string, value: unknown) => {
    if (value === undefined) throw nothingServed(of);
    return discoveryAnswer(request, value);
  };
  app.get("/api", (c) => jsonAnswer(c.req.raw, coreVersions(c.req.header("host") ?? "")));
  app.get("/api/:version", (c) => {
    return found(c.req.raw, "", c.req.param("version") === "v1" ? resourceList(kinds, "v1") : undefined);
  });
  app.all("/apis", (c) => discoveryAnswer(c.req.raw, groupList(kinds))); // a real server looks at no method here
  app.get("/apis/:group", (c) => found(c.req.raw, "none", group(kinds, c.req.param("group"))));
  app.get("/apis/:group/:version", (c) => {
    const [name, version] = [c.req.param("group"), c.req.param("version")];
    return found(c.req.raw, name, resourceList(kinds, `${name}/${version}`));
  });
}

/** Where others learn to check the tokens of service accounts. */
function addOpenId(app: Hono, { access }: ApiContext): void {
  app.get("/.well-known/openid-configuration", (c) =>
    jsonAnswer(c.req.raw, {
      issuer: ISSUER,
      jwks_uri: `https://${c.req.header("host") ?? ""}/openid/v1/jwks`,
      response_types_supported: ["id_token"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["RS256"],
    }));
  app.get("/openid/v1/jwks", async (c) => {
    const answer = jsonAnswer(c.req.raw, await access.accounts.keySet());
    answer.headers.set("content-type", "application/jwk-set+json");
    return answer;
  });
}

/** The few figures this server has. */
function metricsText({ store, kinds }: ApiContext): string {
  const lines = kinds.all.map((kind) => {
    const resource = kind.group === "" ? kind.plural : `${kind.plural}.${kind.group}`;
    return `apiserver_storage_objects{resource=${JSON.stringify(resource)}} ${store.list(kind).length}`;
  });
  const title =
    "# HELP apiserver_storage_objects Number of stored objects, by kind.\n# TYPE apiserver_storage_objects gauge\n";
  return `${title}${[...new Set(lines)].join("\n")}\n`;
}
