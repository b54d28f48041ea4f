// How many requests may be under way at once; what is too much is answered 429, as by a real server.

import type { RequestInfo } from "../auth/request-info.ts";
import { MASTERS, type User } from "../auth/user.ts";
import { textAnswer } from "./respond.ts";

/** Limits of requests under way; 0: none. Watches and followed logs don't count, nor does `system:masters`. */
export interface InFlightLimits {
  /** Requests that change nothing. */
  readonly reads: number;
  /** Requests that change something. */
  readonly writes: number;
}

const READS = new Set(["get", "list", "watch"]);
const RETRY_AFTER_S = "1";

/** Counts the requests under way. */
export class InFlight {
  readonly #limits: InFlightLimits;
  readonly #now = { reads: 0, writes: 0 };

  constructor(limits: InFlightLimits) {
    this.#limits = limits;
  }

  /** Answers a request, or refuses it. */
  async run(info: RequestInfo, user: User, answer: () => Promise<Response>): Promise<Response> {
    const side = READS.has(info.verb) ? "reads" : "writes";
    if (this.#limits[side] === 0 || isLong(info) || user.groups.includes(MASTERS)) return await answer();
    if (this.#now[side] >= this.#limits[side]) return refused();
    this.#now[side]++;
    try {
      return await answer();
    } finally {
      this.#now[side]--;
    }
  }
}

function isLong({ verb, resource }: RequestInfo): boolean {
  return verb === "watch" || resource?.subresource === "log";
}

function refused(): Response {
  const answer = textAnswer("Too many requests, please try again later.\n", 429);
  answer.headers.set("retry-after", RETRY_AFTER_S);
  return answer;
}
