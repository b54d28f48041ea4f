// `pods/log`: what a pod wrote, and what it goes on writing.

import type { KubeObject } from "../kube/object.ts";
import { badRequest, type Cause, invalidNamed } from "../kube/status.ts";
import { listAt, textAt } from "../json.ts";
import type { ApiContext, LogLine, PodLog } from "./context.ts";
import { integerOf, isTrue } from "./list-options.ts";
import { existing } from "./read.ts";
import type { ResourceRequest } from "./resource-request.ts";

const encoder = new TextEncoder();
const MAX_LAG = 10_000; // lines a client may be behind

/** GET of a pod's log. @throws {StatusError} 400, 404, 422 */
export function readLog(context: ApiContext, target: ResourceRequest): Response {
  const { query, namespace, name = "" } = target;
  checkLogOptions(query);
  const pod = existing(context.store, target);
  const container = containerOf(pod, query);
  if ((textAt(pod, "spec", "nodeName") ?? "") === "") throw badRequest(`pod ${name} does not have a host assigned`);
  if (isTrue(query.get("previous"))) {
    throw badRequest(
      `previous terminated container ${JSON.stringify(container)} in pod ${JSON.stringify(name)} not found`,
    );
  }
  const headers = { "content-type": "text/plain", "cache-control": "no-cache, private" };
  const log = context.logs(namespace, name);
  if (log === undefined) return new Response("", { headers });
  const print = isTrue(query.get("timestamps"))
    ? ({ time, text }: LogLine) => `${new Date(time).toISOString()} ${text}\n`
    : ({ text }: LogLine) => `${text}\n`;
  const lines = selectLines(log.lines(), query);
  if (!isTrue(query.get("follow"))) return new Response(limitBytes(lines.map(print).join(""), query), { headers });
  const following = { log, lines, print };
  return new Response(followLog(following, [target.request.signal, context.closing]), { headers });
}

/** The container that is meant; a pod of one needs no name. @throws {StatusError} 400 */
function containerOf(pod: KubeObject, query: URLSearchParams): string {
  const names = (list: string) => listAt(pod, "spec", list).map((each) => textAt(each, "name") ?? "");
  const [containers, initial] = [names("containers"), names("initContainers")];
  const wanted = query.get("container") ?? "";
  const { name } = pod.metadata;
  if (wanted === "" && containers.length > 1) {
    const also = initial.length === 0 ? "" : ` or one of the init containers: [${initial.join(" ")}]`;
    throw badRequest(
      `a container name must be specified for pod ${name}, choose one of: [${containers.join(" ")}]${also}`,
    );
  }
  if (wanted !== "" && ![...containers, ...initial].includes(wanted)) {
    throw badRequest(`container ${wanted} is not valid for pod ${name}`);
  }
  return wanted || (containers[0] ?? "");
}

/** @throws {StatusError} 400 for what is no number, 422 for numbers that make no sense */
function checkLogOptions(query: URLSearchParams): void {
  const causes: Cause[] = [];
  const least = (option: string, lowest: number, wanted: string) => {
    const value = integerOf(query, option);
    if (query.get(option) === null || value >= lowest) return;
    causes.push({ reason: "FieldValueInvalid", message: `Invalid value: ${value}: ${wanted}`, field: option });
  };
  least("tailLines", 0, "must be greater than or equal to 0");
  least("limitBytes", 1, "must be greater than 0");
  least("sinceSeconds", 1, "must be greater than 0");
  if (query.get("sinceSeconds") !== null && query.get("sinceTime") !== null) {
    const message = "Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified";
    causes.push({ reason: "FieldValueForbidden", message, field: "" });
  }
  if (causes.length > 0) throw invalidNamed("PodLogOptions", { group: "", kind: "PodLogOptions" }, "", causes);
}

function selectLines(lines: readonly LogLine[], query: URLSearchParams): readonly LogLine[] {
  const seconds = integerOf(query, "sinceSeconds");
  const since = seconds > 0 ? Date.now() - seconds * 1000 : Date.parse(query.get("sinceTime") ?? "");
  const recent = Number.isNaN(since) ? lines : lines.filter((line) => line.time >= since);
  const tail = query.get("tailLines") === null ? recent.length : integerOf(query, "tailLines");
  return recent.slice(Math.max(0, recent.length - tail));
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
