// Sends events: a new one, or one more time of one that is there.

import { isOutage, type KubeClient } from "../client/kube-client.ts";
import { type KubeError, toKubeError } from "../client/kube-error.ts";
import type { KubeObject } from "../store/object.ts";
import {
  eventName,
  eventNamespace,
  type EventText,
  type EventTimes,
  toEvent,
  toEventPatch,
  toEventTime,
} from "./event.ts";

/** An event to be sent. */
export interface EventDraft {
  readonly object: KubeObject;
  readonly text: EventText;
  /** What was sent before; undefined: nothing by this process. */
  readonly times: EventTimes | undefined;
}

/** How sending ended. `failed`: worth another try. */
export type Sent =
  | { readonly type: "sent"; readonly times: EventTimes }
  | { readonly type: "forbidden" | "refused" | "failed"; readonly error: KubeError };

/** Sends one event. Never rejects. */
export async function sendEvent(
  { client, instance, signal }: {
    readonly client: KubeClient;
    readonly instance: string;
    readonly signal: AbortSignal;
  },
  { object, text, times }: EventDraft,
): Promise<Sent> {
  const now = toEventTime(new Date());
  const collection = `/api/v1/namespaces/${encodeURIComponent(eventNamespace(object))}/events`;
  const create = async (next: EventTimes): Promise<EventTimes> => {
    const body = toEvent(object, text, next, instance);
    await client.post({ path: collection, what: "create events", signal, body });
    return next;
  };
  const patch = async (count: number | undefined): Promise<EventTimes> => {
    const path = `${collection}/${encodeURIComponent(eventName(object, text))}`;
    const body = toEventPatch(object, text, now, count);
    const answer = await client.patch({ path, what: "patch events", signal, body }, "merge");
    const { count: counted, firstTimestamp } = answer;
    return {
      count: typeof counted === "number" ? counted : count ?? 1,
      first: typeof firstTimestamp === "string" ? firstTimestamp : now,
      last: now,
    };
  };
  const next = { count: (times?.count ?? 0) + 1, first: times?.first ?? now, last: now };
  try {
    if (times === undefined) {
      // Of an earlier leader: it said the same, and how often is its to know.
      return { type: "sent", times: await unless("conflict", () => create(next), () => patch(undefined)) };
    }
    // The server forgets events after a while, an hour as a rule.
    return { type: "sent", times: await unless("not-found", () => patch(next.count), () => create(next)) };
  } catch (thrown) {
    return toSent(toKubeError(thrown, "write events"));
  }
}

async function unless<T>(
  failure: KubeError["failure"],
  first: () => Promise<T>,
  otherwise: () => Promise<T>,
): Promise<T> {
  try {
    return await first();
  } catch (thrown) {
    if (toKubeError(thrown, "write events").failure !== failure) throw thrown;
    return await otherwise();
  }
}

function toSent(error: KubeError): Sent {
  // In a namespace that is on its way out everything new is forbidden: there is nothing to tell anybody there.
  if (error.failure === "forbidden") {
    return { type: /being terminated/.test(error.message) ? "refused" : "forbidden", error };
  }
  return { type: isOutage(error) || error.failure === "conflict" ? "failed" : "refused", error };
}
