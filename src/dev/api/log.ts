// `pods/log`: what a pod wrote, and what it goes on writing.

import { badRequest } from "../kube/status.ts";
import { listAt, textAt } from "../json.ts";
import type { ApiContext, LogLine, PodLog } from "./context.ts";
import { existing, integerOf } from "./read.ts";
import type { ResourceRequest } from "./resource-request.ts";

const encoder = new TextEncoder();

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
  return new Response(followLog(log, lines, print, target.request.signal), { headers });
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

/** Ends when the client goes away. */
function followLog(
  log: PodLog,
  lines: readonly LogLine[],
  print: (line: LogLine) => string,
  signal: AbortSignal,
): ReadableStream<Uint8Array> {
  let stop: () => void = () => undefined;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const send = (line: LogLine) => controller.enqueue(encoder.encode(print(line)));
      for (const line of lines) send(line);
      stop = log.follow(send);
      signal.addEventListener("abort", () => {
        stop();
        controller.close();
      }, { once: true });
    },
    cancel: () => stop(),
  });
}
