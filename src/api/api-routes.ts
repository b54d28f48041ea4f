// The paths below `/api`, in Traefik's shapes, and weir's own `/api/problems`.

import type { Context } from "hono";
import { Hono } from "hono";
import { redact } from "../telemetry/redact.ts";
import { certificateRules, countCertificates, toCertificateJson } from "./certificate-json.ts";
import { guard, message } from "./guard.ts";
import type { Page } from "./listing.ts";
import { listPage, pageOf } from "./listing.ts";
import { toEntryPointJson } from "./part-json.ts";
import type { PartJson } from "./part-json.ts";
import { countParts, partLists, rawData } from "./part-lists.ts";
import type { PartList } from "./part-lists.ts";
import type { ApiSnapshot } from "./snapshot.ts";

/** What the API tells and about what. */
export interface ApiRoutesOptions {
  snapshot(): ApiSnapshot;
  readonly version: string;
  readonly codename: string;
  readonly startDate: Date;
  /** `/`, or a path without trailing slash. */
  readonly basePath: string;
}

/** Serves everything below `/api`. */
export function createApiRoutes(options: ApiRoutesOptions): Hono {
  const app = new Hono().basePath(options.basePath);
  const { snapshot } = options;
  const { version: Version, codename: Codename, startDate } = options;
  app.use(guard);
  app.get("/api/version", (context) => context.json({ Version, Codename, startDate: startDate.toISOString() }));
  app.get("/api/rawdata", (context) => context.json(rawData(snapshot())));
  app.get("/api/overview", (context) => context.json(overview(snapshot())));
  app.get("/api/problems", (context) => {
    return answerPage(context, pageOf(snapshot().problems, context.req.query()), (problem) => redact(problem));
  });
  app.get("/api/entrypoints", (context) => {
    return answerPage(context, pageOf(snapshot().entryPoints, context.req.query()), toEntryPointJson);
  });
  app.get("/api/entrypoints/:name", (context) => {
    const name = context.req.param("name");
    const found = snapshot().entryPoints.find((entryPoint) => entryPoint.name === name);
    return found === undefined ? message(404, `entry point not found: ${name}`) : context.json(toEntryPointJson(found));
  });
  for (const list of partLists) addList(app, list, snapshot);
  app.get("/api/certificates", (context) => {
    const page = listPage(snapshot().certificates, context.req.query(), certificateRules);
    return answerPage(context, page, toCertificateJson);
  });
  app.get("/api/certificates/:id", (context) => {
    const id = context.req.param("id");
    const found = snapshot().certificates.find(({ name }) => name === id);
    return found === undefined ? notFound("certificate", id) : context.json(toCertificateJson(found));
  });
  app.notFound((context) => message(404, `no such path: ${context.req.path}`));
  return app;
}

function addList(app: Hono, list: PartList, snapshot: () => ApiSnapshot): void {
  const path = `/api/${list.protocol}/${list.section}`;
  app.get(path, (context) => answerPage(context, list.page(snapshot(), context.req.query()), (item) => item));
  app.get(`${path}/:id`, (context) => {
    const name = context.req.param("id");
    const found = list.find(snapshot(), name);
    return found === undefined ? notFound(list.noun, name) : context.json(found);
  });
}

function notFound(noun: string, name: string): Response {
  return message(404, `${noun} not found: ${name}`);
}

function answerPage<T>(context: Context, page: Page<T>, show: (item: T) => unknown): Response {
  if ("error" in page) return message(400, page.error);
  context.header("X-Next-Page", String(page.nextPage));
  return context.json(page.items.map(show));
}

function overview(snapshot: ApiSnapshot): PartJson {
  const { features, providers } = snapshot;
  return {
    http: countParts(snapshot, "http"),
    tcp: countParts(snapshot, "tcp"),
    udp: countParts(snapshot, "udp"),
    certificates: countCertificates(snapshot.certificates),
    features,
    providers,
  };
}
