// All middlewares weir has. A new one is a file of its own and a line here.

import { compress } from "./compress.ts";
import { headers } from "./headers.ts";
import type { MiddlewareDefinition } from "./middleware.ts";
import { stripPrefix } from "./strip-prefix.ts";

const definitions: readonly MiddlewareDefinition[] = [compress, headers, stripPrefix];

/** Middlewares by kind, which is Traefik's option name. */
export const middlewareRegistry: ReadonlyMap<string, MiddlewareDefinition> = new Map(
  definitions.map((definition) => [definition.kind, definition]),
);
