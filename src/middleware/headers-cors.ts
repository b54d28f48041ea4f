// The CORS half of the `headers` middleware: answers preflights, and marks answers that pages may read.

import { RE2JS } from "re2js";
import { HeaderList } from "../http/header-list.ts";
import type { ProxyRequest } from "../http/request.ts";
import { ProxyResponse } from "../http/response.ts";
import { addVary, toHeaderValue } from "./header-edit.ts";
import type { HeadersOptions } from "./headers-schema.ts";
import { invalidOption } from "./invalid-option.ts";

/** What CORS does to a request and to its answer. */
export interface Cors {
  /** The answer to a preflight; undefined for any other request. */
  preflight(request: ProxyRequest): ProxyResponse | undefined;
  /** @param origin the request's Origin, or empty */
  mark(response: ProxyResponse, origin: string): void;
}

const MAX_PATTERN = 4096; // characters; the program a pattern compiles to grows with it

/**
 * @returns undefined when no CORS option is set
 * @throws {ProxyError} when an option can't be used
 */
export function createCors(options: HeadersOptions): Cors | undefined {
  if (!isCorsWanted(options)) return undefined;
  const allowedOrigin = originChooser(options);
  const joined = (option: "AllowHeaders" | "AllowMethods" | "ExposeHeaders") => {
    const values: readonly string[] = options[`accessControl${option}`];
    return toHeaderValue(`headers.accessControl${option}`, values.join(","));
  };
  const allowHeaders = joined("AllowHeaders");
  const allowMethods = joined("AllowMethods");
  const exposeHeaders = joined("ExposeHeaders");
  const credentials = options.accessControlAllowCredentials;
  const maxAge = String(options.accessControlMaxAge);
  return {
    preflight(request) {
      if (!isPreflight(request)) return undefined;
      const headers = new HeaderList();
      if (credentials) headers.append("Access-Control-Allow-Credentials", "true");
      if (allowHeaders !== "") headers.append("Access-Control-Allow-Headers", allowHeaders);
      if (allowMethods !== "") headers.append("Access-Control-Allow-Methods", allowMethods);
      const origin = allowedOrigin(request.headers.first("origin") ?? "");
      if (origin !== undefined) headers.append("Access-Control-Allow-Origin", origin);
      headers.append("Access-Control-Max-Age", maxAge);
      if (options.addVaryHeader) headers.append("Vary", "Origin");
      return new ProxyResponse(200, headers);
    },
    mark({ headers }, requestOrigin) {
      const origin = allowedOrigin(requestOrigin);
      if (origin !== undefined) headers.set("Access-Control-Allow-Origin", origin);
      if (credentials) headers.set("Access-Control-Allow-Credentials", "true");
      if (exposeHeaders !== "") headers.set("Access-Control-Expose-Headers", exposeHeaders);
      if (options.addVaryHeader) addVary(headers, "Origin");
    },
  };
}

function isCorsWanted(options: HeadersOptions): boolean {
  const lists = [
    options.accessControlAllowHeaders,
    options.accessControlAllowMethods,
    options.accessControlAllowOriginList,
    options.accessControlAllowOriginListRegex,
    options.accessControlExposeHeaders,
  ];
  return options.accessControlAllowCredentials || options.addVaryHeader || options.accessControlMaxAge !== 0 ||
    lists.some((list) => list.length > 0);
}

function isPreflight({ method, headers }: ProxyRequest): boolean {
  if (method !== "OPTIONS") return false;
  return (headers.first("access-control-request-method") ?? "") !== "" && (headers.first("origin") ?? "") !== "";
}

/** What Access-Control-Allow-Origin says to an origin; undefined: nothing. */
function originChooser(options: HeadersOptions): (origin: string) => string | undefined {
  const origins = options.accessControlAllowOriginList.map((origin, index) =>
    toHeaderValue(`headers.accessControlAllowOriginList[${index}]`, origin)
  );
  const patterns = options.accessControlAllowOriginListRegex.map(compilePattern);
  return (origin) => {
    const listed = origins.find((item) => item === "*" || (origin !== "" && item === origin));
    if (listed !== undefined) return listed;
    return origin !== "" && patterns.some((pattern) => pattern.test(origin)) ? origin : undefined;
  };
}

function compilePattern(pattern: string, index: number): RE2JS {
  const field = `headers.accessControlAllowOriginListRegex[${index}]`;
  if (pattern.length > MAX_PATTERN) {
    throw invalidOption(field, `is ${pattern.length} characters long; wanted ${MAX_PATTERN} at most`);
  }
  try {
    return RE2JS.compile(pattern);
  } catch (cause) {
    const reason = cause instanceof Error ? `: ${cause.message}` : "";
    throw invalidOption(field, `${JSON.stringify(pattern)} is not a regular expression of Go's syntax${reason}`, cause);
  }
}
