// A file's content as dynamic configuration; what is wrong with one part disables that part and nothing else.

import type { MiddlewareSchema } from "../middleware/middleware.ts";
import { middlewareSchemas } from "../middleware/schemas.ts";
import { tcpMiddlewareSchemas } from "../middleware/tcp/schemas.ts";
import { unknownField } from "../schema/issues.ts";
import { isMapping } from "../schema/path.ts";
import type { FieldPath } from "../schema/path.ts";
import type { Problem, Source } from "../schema/problem.ts";
import type { DecodePart, PartResult } from "./decode-check.ts";
import { decodeRouter, decodeServersTransport, decodeService } from "./decode-http.ts";
import { decodeTcpRouter, decodeTcpServersTransport, decodeTcpService } from "./decode-l4.ts";
import { decodeUdpRouter, decodeUdpService } from "./decode-l4.ts";
import { decodeMiddleware } from "./decode-middleware.ts";
import { certificateKey, decodeCertificate, decodeTlsOptions, decodeTlsStore } from "./decode-tls.ts";
import type { DynamicConfiguration } from "./dynamic.ts";
import type { KindAndOptions, Part } from "./dynamic-part.ts";
import type { TlsCertificate } from "./dynamic-tls.ts";
import { joinCertificates } from "./pem.ts";

/** A configuration and what was left out of it. */
export interface Decoded {
  readonly configuration: DynamicConfiguration;
  readonly problems: readonly Problem[];
}

/** What a decoder is told besides the content. */
export interface DecodeOptions {
  /** Where a path of the document lies; `at` says whether the key or the value is meant. */
  readonly sourceOf?: (path: FieldPath, at: "key" | "value") => Source | undefined;
  /** HTTP middlewares that can be configured, by kind. Default: all that Traefik has. */
  readonly middlewares?: ReadonlyMap<string, MiddlewareSchema>;
}

const SECTIONS = {
  http: ["routers", "services", "middlewares", "serversTransports"],
  tcp: ["routers", "services", "middlewares", "serversTransports"],
  udp: ["routers", "services"],
  tls: ["certificates", "options", "stores"],
} as const;

/** A field of a document and where it lies. */
interface Placed {
  readonly value: unknown;
  readonly path: FieldPath;
}

/** The parts of a section by name: those that could be read. */
type ReadParts = <T extends Part>(name: string, decode: DecodePart<T>) => Record<string, T>;

/** Reads one document in Traefik's file format. Never throws. */
export function decodeDynamic(document: unknown, options: DecodeOptions = {}): Decoded {
  return new Decoder(options).decode(document);
}

class Decoder {
  readonly #sourceOf: NonNullable<DecodeOptions["sourceOf"]>;
  readonly #middlewares: ReadonlyMap<string, MiddlewareSchema>;
  readonly #problems: Problem[] = [];

  constructor(options: DecodeOptions) {
    this.#sourceOf = options.sourceOf ?? (() => undefined);
    this.#middlewares = options.middlewares ?? middlewareSchemas;
  }

  decode(document: unknown): Decoded {
    const root = this.#section({ value: document, path: [] }, Object.keys(SECTIONS));
    const configuration: DynamicConfiguration = {
      http: this.#http(root.get("http")),
      ...(root.has("tcp") && { tcp: this.#tcp(root.get("tcp")) }),
      ...(root.has("udp") && { udp: this.#udp(root.get("udp")) }),
      ...(root.has("tls") && { tls: this.#tls(root.get("tls")) }),
    };
    return { configuration, problems: this.#problems };
  }

  #http(section: Placed | undefined): DynamicConfiguration["http"] {
    const read = this.#reader(section, SECTIONS.http);
    return {
      routers: read("routers", decodeRouter),
      services: read("services", decodeService),
      middlewares: read("middlewares", decodeMiddlewareOf(this.#middlewares)),
      serversTransports: read("serversTransports", decodeServersTransport),
    };
  }

  #tcp(section: Placed | undefined): NonNullable<DynamicConfiguration["tcp"]> {
    const read = this.#reader(section, SECTIONS.tcp);
    return {
      routers: read("routers", decodeTcpRouter),
      services: read("services", decodeTcpService),
      middlewares: read("middlewares", decodeMiddlewareOf(tcpMiddlewareSchemas)),
      serversTransports: read("serversTransports", decodeTcpServersTransport),
    };
  }

  #udp(section: Placed | undefined): NonNullable<DynamicConfiguration["udp"]> {
    const read = this.#reader(section, SECTIONS.udp);
    return { routers: read("routers", decodeUdpRouter), services: read("services", decodeUdpService) };
  }

  #tls(section: Placed | undefined): NonNullable<DynamicConfiguration["tls"]> {
    const fields = this.#section(section, SECTIONS.tls);
    const read: ReadParts = (name, decode) => this.#parts(fields.get(name), decode);
    return {
      certificates: this.#certificates(fields.get("certificates")),
      options: read("options", decodeTlsOptions),
      stores: read("stores", decodeTlsStore),
    };
  }

  #reader(section: Placed | undefined, known: readonly string[]): ReadParts {
    const fields = this.#section(section, known);
    return (name, decode) => this.#parts(fields.get(name), decode);
  }

  /** The known fields of a mapping, under the names of the schema; unknown ones become problems. */
  #section(section: Placed | undefined, known: readonly string[]): Map<string, Placed> {
    const fields = new Map<string, Placed>();
    const { value, path } = section ?? { value: undefined, path: [] };
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

  #parts<T extends Part>(section: Placed | undefined, decode: DecodePart<T>): Record<string, T> {
    const { value, path } = section ?? { value: undefined, path: [] };
    if (value === undefined || value === null) return {};
    if (!isMapping(value)) {
      const message = `${JSON.stringify(String(path.at(-1)))} must be a mapping of names`;
      this.#report({ severity: "error", code: "invalid-value", message, path });
      return {};
    }
    const entries: [string, T][] = [];
    for (const [name, input] of Object.entries(value)) {
      const at = [...path, name];
      const part = this.#part(checkName(name) ?? decode(input, at), at);
      if (part !== undefined) entries.push([name, part]);
    }
    return Object.fromEntries(entries);
  }

  /** Certificates are a list. The same one may be in it twice, for several stores. */
  #certificates(section: Placed | undefined): Record<string, TlsCertificate> {
    const { value, path } = section ?? { value: undefined, path: [] };
    if (value === undefined || value === null) return {};
    if (!Array.isArray(value)) {
      this.#report({ severity: "error", code: "invalid-value", message: '"certificates" must be a list', path });
      return {};
    }
    const found = new Map<string, TlsCertificate>();
    for (const [index, input] of value.entries()) {
      const at = [...path, index];
      const part = this.#part(decodeCertificate(input, at), at);
      if (part === undefined) continue;
      const key = certificateKey(part);
      found.set(key, joinCertificates(found.get(key), part));
    }
    return Object.fromEntries(found);
  }

  /** Reports what is wrong with a part, and gives it its place. */
  #part<T extends Part>({ part, problems }: PartResult<T>, path: FieldPath): T | undefined {
    for (const problem of problems) this.#report({ ...problem, path: [...path, ...problem.path ?? []] });
    const source = this.#sourceOf(path, "key");
    return part === undefined || source === undefined ? part : { ...part, source };
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

function decodeMiddlewareOf(kinds: ReadonlyMap<string, MiddlewareSchema>): DecodePart<KindAndOptions> {
  return (input) => {
    const { middleware, problems } = decodeMiddleware(input, kinds);
    return middleware === undefined ? { problems } : { part: middleware, problems };
  };
}
