// Which services are made of which, and how deep: asked without recursion, as anybody may chain thousands.

import type { WeightedChild } from "../config/dynamic-part.ts";

/** A service of any protocol, as far as it refers to others. */
export type GraphService =
  | { readonly kind: "loadBalancer"; readonly middlewares?: readonly string[] }
  | { readonly kind: "weighted" | "highestRandomWeight"; readonly services: readonly WeightedChild[] }
  | { readonly kind: "mirroring"; readonly service: string; readonly mirrors: readonly { readonly name: string }[] }
  | { readonly kind: "failover"; readonly service: string; readonly fallback: string };

/** Services by key. */
export type Services = Readonly<Record<string, GraphService>>;

/** The services a service sends requests to, by key. */
export function childrenOf(config: GraphService): readonly string[] {
  switch (config.kind) {
    case "loadBalancer":
      return [];
    case "weighted":
    case "highestRandomWeight":
      return config.services.map((child) => child.name);
    case "mirroring":
      return [config.service, ...config.mirrors.map((mirror) => mirror.name)];
    case "failover":
      return [config.service, config.fallback];
  }
}

/** A service and everything below it, each once. */
export function withDescendants(services: Services, key: string): readonly string[] {
  const found = new Set([key]);
  for (const each of found) { // a set's loop meets what is added meanwhile
    const config = services[each];
    if (config !== undefined) { for (const child of childrenOf(config)) found.add(child); }
  }
  return [...found];
}

/** Levels of services, by key: 1 for one without children. A reference back to a service under way counts nothing. */
export class ServiceHeights {
  readonly #services: Services;
  readonly #known = new Map<string, number>();

  constructor(services: Services) {
    this.#services = services;
  }

  /** Works it out, for everything below too. */
  of(key: string): number {
    const path = [this.#frame(key)];
    const onPath = new Set([key]);
    for (let frame = path.at(-1); frame !== undefined; frame = path.at(-1)) {
      const child = frame.children[frame.next++];
      if (child === undefined) {
        this.#known.set(frame.key, frame.height);
        onPath.delete(frame.key);
        path.pop();
        this.#raise(path.at(-1), frame.height);
      } else if (this.#known.has(child)) this.#raise(frame, this.#known.get(child) ?? 0);
      else if (!onPath.has(child)) {
        onPath.add(child);
        path.push(this.#frame(child));
      }
    }
    return this.#known.get(key) ?? 1;
  }

  #frame(key: string): Frame {
    const config = this.#services[key];
    return { key, children: config === undefined ? [] : childrenOf(config), next: 0, height: 1 };
  }

  #raise(frame: Frame | undefined, below: number): void {
    if (frame !== undefined) frame.height = Math.max(frame.height, below + 1);
  }
}

interface Frame {
  readonly key: string;
  readonly children: readonly string[];
  next: number;
  height: number;
}
