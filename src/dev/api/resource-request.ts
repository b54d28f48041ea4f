// Which object, list or subresource a URL speaks of.

import { builtInKinds } from "../kube/built-in-kinds.ts";
import type { KindRegistry } from "../kube/kind-registry.ts";
import type { Kind } from "../kube/kind.ts";
import { StatusError, unknownResource } from "../kube/status.ts";

/** A request below a served resource. */
export interface ResourceRequest {
  readonly kind: Kind;
  /** Empty: all namespaces, or a kind of the whole cluster. */
  readonly namespace: string;
  /** Undefined: the collection. */
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  readonly query: URLSearchParams;
  readonly request: Request;
}

/** A path in a group of custom resources, or in no group at all: a real server answers it in plain text. */
export class PlainNotFound extends StatusError {}

const builtInGroups = new Set(builtInKinds.map((kind) => kind.group));

/**
 * Resolves `/api/v1/…` and `/apis/GROUP/VERSION/…`.
 * @throws {StatusError} 404
 */
export function resolveResource(kinds: KindRegistry, request: Request): ResourceRequest {
  const url = new URL(request.url);
  const segments = url.pathname.replace(/\/$/, "").split("/").slice(1).map(decode);
  const [root, ...after] = segments;
  const [group = "", version = "", ...rest] = root === "api" ? ["", ...after] : after;
  const { namespace, plural, name, subresource, tail } = splitPath(rest, group === "");
  const kind = kinds.resource(group, version, plural);
  const misplaced = kind !== undefined && namespace !== "" && !kind.namespaced;
  const nameless = kind !== undefined && name !== undefined && namespace === "" && kind.namespaced;
  if (kind === undefined || misplaced || nameless || tail) {
    throw builtInGroups.has(group) ? unknownResource() : new PlainNotFound(404, "NotFound", "404 page not found");
  }
  return { kind, namespace, name, subresource, query: url.searchParams, request };
}

interface PathParts {
  readonly namespace: string;
  readonly plural: string;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  /** There was more than a subresource. */
  readonly tail: boolean;
}

const namespaceSubresources = new Set(["status", "finalize"]);

/** `namespaces/NS/PLURAL/NAME/SUB` or `PLURAL/NAME/SUB`; `namespaces/NS/status` is a subresource of the namespace. */
function splitPath(parts: readonly string[], core: boolean): PathParts {
  const inNamespace = parts[0] === "namespaces" && parts.length >= 3 &&
    !(core && parts.length === 3 && namespaceSubresources.has(parts[2] ?? ""));
  const [plural = "", name, subresource, ...tail] = inNamespace ? parts.slice(2) : parts;
  return {
    namespace: inNamespace ? parts[1] ?? "" : "",
    plural,
    name: name === "" ? undefined : name,
    subresource,
    tail: tail.length > 0,
  };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment; // a broken escape names nothing that exists
  }
}
