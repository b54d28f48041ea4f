// `pods/log`: what a pod wrote, and what it goes on writing.

import { badRequest } from "../kube/status.ts";
import { listAt, textAt } from "../json.ts";
import type { ApiContext, LogLine, PodLog } from "./context.ts";
import { existing, integerOf } from "./read.ts";
import type { ResourceRequest } from "./resource-request.ts";

const encoder = new TextEncoder();
const MAX_LAG = 10_000; // lines a client may be behind

/** GET of a pod's log. */
export function readLog(context: ApiContext, target: ResourceRequest): Response {
  const { query, namespace, name = "" } = target;
  const pod = existing(context.store, target);
  const container = query.get("container") ?? "";
  const known = listAt(pod, "spec", "containers").map((each) => textAt(each, "name") ?? "");
  if (container !== "" && !known.includes(container)) {
    throw badRequest(`container ${container} is not valid for pod ${name}`);
  }
  const headers = { "content-type": "text/plain" };
  const log = context.logs(namespace, name);
  if (log === undefined || query.get("previous") === "true") return new Response("", { headers });
  const print = query.get("timestamps") === "true"
    ? ({ time, text }: LogLine) => `${new Date(time).toISOString()} ${text}\n`
    : ({ text }: LogLine) => `${text}\n`;
  const lines = selectLines(log.lines(), query);
  if (query.get("follow") !== "true") return new Response(limitBytes(lines.map(print).join(""), query), { headers });
  const following = { log, lines, print };
  return new Response(followLog(following, [target.request.signal, context.closing]), { headers });
}

function selectLines(lines: readonly LogLine[], query: URLSearchParams): readonly LogLine[] {
  const seconds = integerOf(query, "sinceSeconds");
  const since = seconds > 0 ? Date.now() - seconds * 1000 : Date.parse(query.get("sinceTime") ?? "");
  const recent = Number.isNaN(since) ? lines : lines.filter((line) => line.time >= since);
  const tail = query.get("tailLines") === null ? recent.length : integerOf(query, "tailLines");
  return tail < 0 ? recent : recent.slice(Math.max(0, recent.length - tail));
}

function limitBytes(text: string, query: URLSearchParams): Uint8Array<ArrayBuffer> {
  const bytes = encoder.encode(text);
  const limit = integerOf(query, "limitBytes");
  return limit > 0 ? bytes.slice(0, limit) : bytes;
}

/** A log being followed, and how its lines look. */
interface Following {
  readonly log: PodLog;
  readonly lines: readonly LogLine[];
  readonly print: (line: LogLine) => string;
}

/** Ends when the client goes away, when it can't keep up, or when the API closes. */
function followLog({ log, lines, print }: Following, ends: readonly AbortSignal[]): ReadableStream<Uint8Array> {
  let stop: () => void = () => undefined;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const end = () => {
        stop();
        controller.close();
      };
      const send = (line: LogLine) => {
        controller.enqueue(encoder.encode(print(line)));
        if ((controller.desiredSize ?? 0) < -MAX_LAG) end();
      };
      const unfollow = log.follow(send);
      stop = () => {
        unfollow();
        for (const signal of ends) signal.removeEventListener("abort", end);
      };
      for (const signal of ends) signal.addEventListener("abort", end, { once: true });
      for (const line of lines) send(line);
    },
    cancel: () => stop(),
  });
}
