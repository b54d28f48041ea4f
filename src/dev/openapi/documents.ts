// The OpenAPI documents of the served kinds, made when somebody asks, and kept until kinds come or go.

import { hash32 } from "../hash.ts";
import type { JsonObject } from "../json.ts";
import type { KindRegistry } from "../kube/kind-registry.ts";
import { apiVersionOf, type Kind } from "../kube/kind.ts";
import { collectDefinitions } from "./definitions.ts";
import { pathsOf } from "./paths.ts";
import { encodeDocument } from "./protobuf.ts";

/** A document as it is sent. */
export interface OpenApiDocument {
  readonly body: string | Uint8Array<ArrayBuffer>;
  /** Changes with the content. */
  readonly etag: string;
}

/** Makes documents and keeps them. */
export class OpenApiDocuments {
  readonly #kinds: KindRegistry;
  #made: readonly Kind[] = [];
  readonly #kept = new Map<string, OpenApiDocument>();

  constructor(kinds: KindRegistry) {
    this.#kinds = kinds;
  }

  /** `/openapi/v2` as JSON. */
  v2(): OpenApiDocument {
    return this.#keep("v2", () => JSON.stringify(this.#swagger()));
  }

  /** `/openapi/v2` as kubectl asks for it. */
  v2Protobuf(): OpenApiDocument {
    return this.#keep("v2.pb", () => encodeDocument(this.#swagger()));
  }

  /** `/openapi/v3`: where the document of each group and version is. */
  v3Index(): OpenApiDocument {
    return this.#keep("v3", () => {
      const paths: JsonObject = {};
      for (const path of this.#groupPaths()) {
        const hash = this.v3(path)?.etag.replaceAll('"', "") ?? "";
        paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` };
      }
      return JSON.stringify({ paths });
    });
  }

  /** `/openapi/v3/…`; undefined when the group is not served. @param path `api/v1`, `apis/apps/v1` */
  v3(path: string): OpenApiDocument | undefined {
    const kinds = this.#kinds.all.filter((kind) => groupPath(kind) === path);
    if (kinds.length === 0) return undefined;
    return this.#keep(`v3/${path}`, () =>
      JSON.stringify({
        openapi: "3.0.0",
        info: this.#info(),
        paths: pathsOf(kinds, "v3"),
        components: { schemas: collectDefinitions(kinds, "v3") },
      }));
  }

  #swagger() {
    const kinds = this.#kinds.all;
    const definitions = collectDefinitions(kinds, "v2");
    return { swagger: "2.0", info: this.#info(), paths: pathsOf(kinds, "v2"), definitions } as const;
  }

  #info() {
    return { title: "Kubernetes", version: `v${this.#kinds.kubernetes}` };
  }

  #groupPaths(): string[] {
    return [...new Set(this.#kinds.all.map(groupPath))];
  }

  #keep(name: string, make: () => OpenApiDocument["body"]): OpenApiDocument {
    if (this.#made !== this.#kinds.all) {
      this.#kept.clear();
      this.#made = this.#kinds.all;
    }
    const known = this.#kept.get(name);
    if (known !== undefined) return known;
    const body = make();
    const text = typeof body === "string" ? body : `${name}${body.length}${JSON.stringify(this.#swagger())}`;
    const document = { body, etag: `"${digest(text)}"` };
    this.#kept.set(name, document);
    return document;
  }
}

function groupPath(kind: Kind): string {
  return `${kind.group === "" ? "api" : "apis"}/${apiVersionOf(kind)}`;
}

/** Sixteen hexadecimal digits: only changes are to be told apart. */
function digest(text: string): string {
  const first = hash32(text);
  return [first, hash32(text, first)].map((part) => part.toString(16).toUpperCase().padStart(8, "0")).join("");
}
