// headers: sets and deletes headers of requests and answers, answers CORS, and sends browsers security policies.

import type { Handler } from "../http/handler.ts";
import type { ProxyResponse } from "../http/response.ts";
import { answerWith } from "./answer.ts";
import { defineMiddleware } from "./define.ts";
import { applyEdits, toHeaderEdits } from "./header-edit.ts";
import type { HeaderEdit } from "./header-edit.ts";
import { createCors } from "./headers-cors.ts";
import type { Cors } from "./headers-cors.ts";
import { deprecatedOptions, headersSchema } from "./headers-schema.ts";
import type { HeadersOptions } from "./headers-schema.ts";
import { createSecure } from "./headers-secure.ts";
import type { Secure } from "./headers-secure.ts";
import { invalidOption } from "./invalid-option.ts";
import type { MiddlewareContext } from "./middleware.ts";

/** The `headers` middleware. */
export const headers = defineMiddleware({
  kind: "headers",
  summary: "Sets and deletes headers, answers CORS preflights, and sends security headers.",
  schema: headersSchema,
  create(options, context) {
    noteDeprecated(options, context);
    const requestEdits = toHeaderEdits("headers.customRequestHeaders", options.customRequestHeaders, context);
    const responseEdits = toHeaderEdits("headers.customResponseHeaders", options.customResponseHeaders, context);
    checkHost(requestEdits);
    const cors = createCors(options);
    const secure = createSecure(options);
    // A request passes CORS, custom headers and security in this order; its answer in the opposite one.
    return (next) => {
      let handler = secure === undefined ? next : secured(next, secure, context);
      if (responseEdits.length > 0) handler = edited(handler, responseEdits, context);
      if (requestEdits.length > 0) handler = prepared(handler, requestEdits);
      return cors === undefined ? handler : shared(handler, cors, context);
    };
  },
});

function secured(next: Handler, secure: Secure, context: MiddlewareContext): Handler {
  const markPlain = (response: ProxyResponse) => secure.mark(response, false);
  const markOverTls = (response: ProxyResponse) => secure.mark(response, true);
  return (request) =>
    secure.refuse(request) ??
      answerWith(next, request, context.logger, secure.isOverTls(request) ? markOverTls : markPlain);
}

function edited(next: Handler, edits: readonly HeaderEdit[], context: MiddlewareContext): Handler {
  const edit = (response: ProxyResponse) => applyEdits(response.headers, edits);
  return (request) => answerWith(next, request, context.logger, edit);
}

function prepared(next: Handler, edits: readonly HeaderEdit[]): Handler {
  return (request) => {
    applyEdits(request.headers, edits);
    return next(request);
  };
}

function shared(next: Handler, cors: Cors, context: MiddlewareContext): Handler {
  return (request) => {
    const preflight = cors.preflight(request);
    if (preflight !== undefined) return preflight;
    const origin = request.headers.first("origin") ?? ""; // read now: what follows may delete or replace it
    return answerWith(next, request, context.logger, (response) => cors.mark(response, origin));
  };
}

/** The Host that is sent on must be one: it decides which site of a backend answers. */
function checkHost(edits: readonly HeaderEdit[]): void {
  const host = edits.find((edit) => edit.name.toLowerCase() === "host")?.value;
  if (host === undefined || /^(?:[A-Za-z0-9\-._~]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/.test(host)) return;
  throw invalidOption("headers.customRequestHeaders.Host", `${JSON.stringify(host)} is not "host" or "host:port"`);
}

function noteDeprecated(options: HeadersOptions, context: MiddlewareContext): void {
  for (const [option, instead] of Object.entries(deprecatedOptions)) {
    if (!isSet(options, option)) continue;
    context.logger.warn(`headers.${option} is deprecated and without effect; use ${instead}`, {
      middlewareName: context.name,
    });
  }
}

function isSet(options: object, option: string): boolean {
  const value: unknown = Reflect.get(options, option);
  return value !== undefined && value !== false && value !== "";
}
