// A file's content as dynamic configuration; what is wrong with one part disables that part and nothing else.

import type * as z from "zod";
import { middlewareRegistry } from "../middleware/registry.ts";
import { coerce } from "../schema/coerce.ts";
import { quoteValue, toProblems, unknownField } from "../schema/issues.ts";
import { isMapping } from "../schema/path.ts";
import type { FieldPath } from "../schema/path.ts";
import type { Problem, Source } from "../schema/problem.ts";
import { decodeMiddleware } from "./decode-middleware.ts";
import type { MiddlewareKinds } from "./decode-middleware.ts";
import { kindsOf, toRouter, toServersTransport, toService, unusedTransportOptions } from "./decode-part.ts";
import type { DynamicConfiguration, HttpConfiguration, HttpMiddleware } from "./dynamic.ts";
import type { HttpRouter, HttpService, ServersTransport } from "./dynamic.ts";
import { routerSchema } from "./router-schema.ts";
import { serversTransportSchema, serviceSchema } from "./service-schema.ts";

/** A configuration and what was left out of it. */
export interface Decoded {
  readonly configuration: DynamicConfiguration;
  readonly problems: readonly Problem[];
}

/** What a decoder is told besides the content. */
export interface DecodeOptions {
  /** Where a path of the document lies; `at` says whether the key or the value is meant. */
  readonly sourceOf?: (path: FieldPath, at: "key" | "value") => Source | undefined;
  /** Default: all middlewares weir has. */
  readonly middlewares?: MiddlewareKinds;
}

const SECTIONS = ["http", "tcp", "udp", "tls"] as const;
const HTTP_SECTIONS = ["routers", "services", "middlewares", "serversTransports"] as const;
type Part = HttpRouter | HttpService | HttpMiddleware | ServersTransport;

/** Either a part, or problems that keep it out. Paths begin at the part. */
interface PartResult<T> {
  readonly part?: T;
  readonly problems: readonly Problem[];
}

/** @param path of the part in its document */
type DecodePart<T> = (input: unknown, path: FieldPath) => PartResult<T>;

/** Reads one document in Traefik's file format. Never throws. */
export function decodeDynamic(document: unknown, options: DecodeOptions = {}): Decoded {
  return new Decoder(options).decode(document);
}

class Decoder {
  readonly #sourceOf: NonNullable<DecodeOptions["sourceOf"]>;
  readonly #middlewares: MiddlewareKinds;
  readonly #problems: Problem[] = [];

  constructor(options: DecodeOptions) {
    this.#sourceOf = options.sourceOf ?? (() => undefined);
    this.#middlewares = options.middlewares ?? middlewareRegistry;
  }

  decode(document: unknown): Decoded {
    const root = this.#section(document, [], SECTIONS);
    for (const name of ["tcp", "udp", "tls"]) this.#reportUnserved(name, root.get(name));
    const http = root.get("http");
    const sections = this.#section(http?.value, http?.path ?? ["http"], HTTP_SECTIONS);
    const read = <T extends Part>(name: string, decode: DecodePart<T>): Record<string, T> => {
      const section = sections.get(name);
      return section === undefined ? {} : this.#parts(section.value, section.path, decode);
    };
    const configuration: { http: HttpConfiguration } = {
      http: {
        routers: read("routers", decodeRouter),
        services: read("services", decodeService),
        middlewares: read("middlewares", (input) => {
          const { middleware, problems } = decodeMiddleware(input, this.#middlewares);
          return middleware === undefined ? { problems } : { part: middleware, problems };
        }),
        serversTransports: read("serversTransports", decodeServersTransport),
      },
    };
    return { configuration, problems: this.#problems };
  }

  /** The known fields of a mapping, under the names of the schema; unknown ones become problems. */
  #section(
    value: unknown,
    path: FieldPath,
    known: readonly string[],
  ): Map<string, { value: unknown; path: FieldPath }> {
    const fields = new Map<string, { value: unknown; path: FieldPath }>();
    if (value === undefined || value === null) return fields;
    if (!isMapping(value)) {
      const name = path.length === 0 ? "a configuration file" : JSON.stringify(String(path.at(-1)));
      this.#report({ severity: "error", code: "invalid-value", message: `${name} must be a mapping`, path });
      return fields;
    }
    for (const [name, field] of Object.entries(value)) {
      const at = [...path, name];
      const key = known.find((candidate) => candidate.toLowerCase() === name.toLowerCase());
      if (key === undefined) this.#report(unknownField(at, known, {}));
      else fields.set(key, { value: field, path: at });
    }
    return fields;
  }

  #parts<T extends Part>(
    value: unknown,
    path: FieldPath,
    decode: DecodePart<T>,
  ): Record<string, T> {
    if (value === null) return {};
    if (!isMapping(value)) {
      const message = `${JSON.stringify(String(path.at(-1)))} must be a mapping of names`;
      this.#report({ severity: "error", code: "invalid-value", message, path });
      return {};
    }
    const entries: [string, T][] = [];
    for (const [name, input] of Object.entries(value)) {
      const at = [...path, name];
      const { part, problems } = checkName(name) ?? decode(input, at);
      for (const problem of problems) this.#report({ ...problem, path: [...at, ...problem.path ?? []] });
      const source = this.#sourceOf(at, "key");
      if (part !== undefined) entries.push([name, source === undefined ? part : { ...part, source }]);
    }
    return Object.fromEntries(entries);
  }

  #reportUnserved(name: string, section: { value: unknown; path: FieldPath } | undefined): void {
    const { value, path } = section ?? {};
    if (value === undefined || value === null || path === undefined) return;
    if (!isMapping(value)) {
      this.#report({ severity: "error", code: "invalid-value", message: `"${name}" must be a mapping`, path });
    } else if (Object.keys(value).length > 0) {
      const message = `the section "${name}" is not served yet: its content is ignored`;
      this.#report({ severity: "warning", code: "not-served", message, path });
    }
  }

  #report(problem: Problem): void {
    const path = problem.path ?? [];
    const wantsValue = problem.code === "invalid-value";
    const source = problem.source ?? this.#locate(path, wantsValue);
    this.#problems.push(source === undefined ? problem : { ...problem, source });
  }

  /** The place of the path, or of the nearest thing around it that has one. */
  #locate(path: FieldPath, wantsValue: boolean): Source | undefined {
    const exact = this.#sourceOf(path, wantsValue ? "value" : "key");
    const isPlaced = exact?.type !== "file" || exact.line !== undefined;
    if (exact !== undefined && isPlaced) return exact;
    for (let length = path.length - 1; length > 0; length--) {
      const around = this.#sourceOf(path.slice(0, length), "key");
      if (around?.type === "file" && around.line !== undefined) return around;
    }
    return exact;
  }
}

/** `@` separates names from providers in references: a name with one could never be referred to. */
function checkName(name: string): PartResult<never> | undefined {
  if (!name.includes("@")) return undefined;
  return {
    problems: [{
      severity: "error",
      code: "invalid-name",
      message: `the name ${JSON.stringify(name)} must not contain "@"`,
      hint: `write ${JSON.stringify(name.slice(0, name.indexOf("@")))}: the provider's name is added by weir`,
    }],
  };
}

function decodeRouter(input: unknown, path: FieldPath): PartResult<HttpRouter> {
  const { data, problems } = check("router", routerSchema, input);
  return data === undefined ? { problems } : { part: { ...toRouter(data), rulePath: [...path, "rule"] }, problems };
}

function decodeService(input: unknown): PartResult<HttpService> {
  const { data, problems } = check("service", serviceSchema, input);
  if (data === undefined) return { problems };
  const kinds = kindsOf(data);
  const part = kinds.length === 1 ? toService(data) : undefined;
  if (part !== undefined) return { part, problems };
  const known = Object.keys(serviceSchema.shape).join(", ");
  const got = kinds.length === 0 ? "none" : kinds.join(" and ");
  const message = `a service must have exactly one kind, got ${got}`;
  return { problems: [{ severity: "error", code: "one-of", message, hint: `kinds: ${known}` }] };
}

function decodeServersTransport(input: unknown): PartResult<ServersTransport> {
  const { data, problems } = check("serversTransport", serversTransportSchema, input);
  if (data === undefined) return { problems };
  const unused = unusedTransportOptions(data).map((name): Problem => ({
    severity: "warning",
    code: "no-effect",
    message: `"${name}" is accepted, without effect yet`,
    path: [name],
  }));
  return { part: toServersTransport(data), problems: [...problems, ...unused] };
}

/** Coerces and validates; unknown fields keep a part out like any other error. */
function check<Schema extends z.ZodType>(
  noun: string,
  schema: Schema,
  input: unknown,
): { data: z.output<Schema> | undefined; problems: readonly Problem[] } {
  if (!isMapping(input)) {
    const message = `a ${noun} must be a mapping, got ${quoteValue(input)}`;
    return { data: undefined, problems: [{ severity: "error", code: "invalid-value", message }] };
  }
  const coerced = coerce(schema, input);
  const parsed = schema.safeParse(coerced.value);
  if (parsed.success && coerced.problems.length === 0) return { data: parsed.data, problems: [] };
  const issues = parsed.success ? [] : toProblems(parsed.error, { input: coerced.value, schema });
  return { data: undefined, problems: [...coerced.problems, ...issues] };
}
