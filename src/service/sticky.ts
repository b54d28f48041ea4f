// Sticky sessions: the cookie that brings a client back to the child that served it first.

import type { Slot } from "../balancer/entry.ts";
import { createStickyTable, stickyCookieName } from "../balancer/sticky.ts";
import type { StickyTable } from "../balancer/sticky.ts";
import type { StickyCookie } from "../config/dynamic.ts";
import { backendFailure, errorResponse } from "../http/error-response.ts";
import type { ProxyRequest } from "../http/request.ts";
import type { ProxyResponse } from "../http/response.ts";
import type { ServiceContext } from "./context.ts";
import { readCookie, setCookieLine } from "./sticky-cookie.ts";

/** A child that a request's cookie names. */
export interface Held<T> {
  readonly slot: Slot<T>;
  /** The cookie has an older form: today's should be set. */
  readonly isOutdated: boolean;
}

interface StickyPlace<T> {
  readonly name: string;
  readonly current: Held<T>;
  readonly outdated: Held<T>;
}

/** The sessions of one service. Everything a request needs is worked out when it is built. */
export class StickySessions<T> {
  readonly #cookieName: string;
  readonly #table: StickyTable<StickyPlace<T>>;
  readonly #lines = new Map<Slot<T>, string>();

  /**
   * @param serviceName with `@provider`
   * @param nameOf what a child's cookie stands for: a server's URL, a service's name without provider
   */
  constructor(
    config: StickyCookie,
    serviceName: string,
    slots: readonly Slot<T>[],
    nameOf: (slot: Slot<T>) => string,
  ) {
    this.#cookieName = stickyCookieName(config.name, serviceName);
    const places = slots.filter((slot) => slot.weight > 0).map((slot) => {
      const item = { name: nameOf(slot), current: { slot, isOutdated: false }, outdated: { slot, isOutdated: true } };
      return { name: item.name, item };
    });
    this.#table = createStickyTable(places);
    for (const { name, item } of places) {
      this.#lines.set(item.current.slot, setCookieLine(config, this.#cookieName, this.#table.valueOf(name)));
    }
  }

  /** The child that the request's cookie names, if there is one. */
  find(request: ProxyRequest): Held<T> | undefined {
    const value = readCookie(request.headers, this.#cookieName);
    const place = value === undefined ? undefined : this.#table.find(value);
    if (place === undefined) return undefined;
    return value === this.#table.valueOf(place.name) ? place.current : place.outdated;
  }

  /** Puts the cookie of a child on an answer. */
  mark(answer: ProxyResponse, slot: Slot<T>): ProxyResponse {
    const line = this.#lines.get(slot);
    if (line !== undefined) answer.headers.append("Set-Cookie", line);
    return answer;
  }
}

/**
 * The answer to a failed request of a sticky service: made here already, since it carries the cookie too, as
 * Traefik's does.
 * @throws {ProxyError} when the failure is not the backend's: then there is no session to keep
 */
export function answerFailure(thrown: unknown, request: ProxyRequest, context: ServiceContext): ProxyResponse {
  const error = backendFailure(thrown, request);
  context.logger.debug("the server did not answer", { serviceURL: request.record.serverUrl, error });
  return errorResponse(error);
}
