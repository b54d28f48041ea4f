// inFlightConn: lets only so many connections of one client through at the same time.

import * as z from "zod";
import { integer } from "../../schema/primitives.ts";
import { defineTcpMiddleware } from "./tcp-middleware.ts";

/** The `inFlightConn` middleware of TCP. */
export const inFlightConn = defineTcpMiddleware({
  kind: "inFlightConn",
  summary: "Lets only so many connections of one address through at the same time.",
  schema: z.strictObject({
    amount: integer({ min: 0 }).default(0).describe("Connections of one address at most; 0: no limit."),
  }),
  create({ amount }, { key, state, logger }) {
    if (amount === 0) return (next) => next;
    // Kept over reloads: connections that are open go on to count, whatever the limit is now.
    const open = state.take(`in-flight-conn ${key}`, isAddressCounts, () => new AddressCounts());
    return (next) => (session) => {
      const { ip } = session.remote;
      if (!open.enter(ip, amount)) {
        logger.debug("too many connections of one client", { ClientAddr: ip, amount });
        return session.refuse();
      }
      session.onOver(() => open.leave(ip));
      next(session);
    };
  },
});

/** Open connections by address. */
class AddressCounts {
  readonly #counts = new Map<string, number>();

  /** @returns false when there are enough already */
  enter(ip: string, amount: number): boolean {
    const count = this.#counts.get(ip) ?? 0;
    if (count >= amount) return false;
    this.#counts.set(ip, count + 1);
    return true;
  }

  leave(ip: string): void {
    const count = (this.#counts.get(ip) ?? 0) - 1;
    if (count > 0) this.#counts.set(ip, count);
    else this.#counts.delete(ip);
  }
}

function isAddressCounts(value: unknown): value is AddressCounts {
  return value instanceof AddressCounts;
}
