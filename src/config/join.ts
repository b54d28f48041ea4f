// Puts documents and files of one provider together: names are unique inside a provider, the first one wins.

import { describeSource } from "../schema/problem-text.ts";
import type { Problem } from "../schema/problem.ts";
import type { Decoded } from "./decode.ts";
import type { DynamicConfiguration, HttpConfiguration, Part } from "./dynamic.ts";

const KINDS = {
  routers: "router",
  services: "service",
  middlewares: "middleware",
  serversTransports: "serversTransport",
};

/** Adds the parts of `second` to those of `first`. A name that is taken becomes a problem of the second. */
export function joinConfigurations(first: DynamicConfiguration, second: DynamicConfiguration): Decoded {
  const problems: Problem[] = [];
  const http: HttpConfiguration = {
    routers: join("routers", first.http.routers, second.http.routers, problems),
    services: join("services", first.http.services, second.http.services, problems),
    middlewares: join("middlewares", first.http.middlewares, second.http.middlewares, problems),
    serversTransports: join(
      "serversTransports",
      first.http.serversTransports,
      second.http.serversTransports,
      problems,
    ),
  };
  return { configuration: { http }, problems };
}

function join<T extends Part>(
  section: keyof typeof KINDS,
  first: Readonly<Record<string, T>>,
  second: Readonly<Record<string, T>>,
  problems: Problem[],
): Record<string, T> {
  const entries = new Map(Object.entries(first));
  for (const [name, part] of Object.entries(second)) {
    const taken = entries.get(name);
    if (taken === undefined) entries.set(name, part);
    else problems.push(duplicate(section, name, part, taken));
  }
  return Object.fromEntries(entries);
}

function duplicate(section: keyof typeof KINDS, name: string, part: Part, taken: Part): Problem {
  const where = taken.source === undefined ? "before" : `in ${describeSource(taken.source)}`;
  return {
    severity: "error",
    code: "duplicate-name",
    message: `the ${KINDS[section]} ${JSON.stringify(name)} is already defined ${where}: this one is ignored`,
    hint: "rename one of them",
    path: ["http", section, name],
    ...(part.source !== undefined && { source: part.source }),
  };
}
