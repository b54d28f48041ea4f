// What an answer that is no success means: its code, and the Status object in its body.

import { isRecord } from "../store/object.ts";
import { KubeError, type KubeFailure } from "./kube-error.ts";

const BODY_LIMIT = 16 * 1024; // characters read of an error's body, for its message
const RETRY_AFTER_CAP_S = 30;

const FAILURES: Readonly<Record<number, KubeFailure>> = {
  401: "unauthorized",
  403: "forbidden",
  404: "not-served",
  408: "server",
  409: "conflict",
  410: "expired",
  422: "invalid",
  429: "throttled",
};

/** The error of an answer whose status is no success; reads its body. */
export async function errorOf(response: Response, what: string): Promise<KubeError> {
  const { status } = response;
  const told = statusOf(await readStart(response));
  const fallback = status >= 400 && status < 500 ? "refused" : "server";
  const failure = FAILURES[status] ?? fallback;
  const seconds = Number(response.headers.get("retry-after") ?? "0");
  return new KubeError(`${what}: ${status}${told.message === "" ? "" : ` ${told.message}`}`, {
    // The server knows the kind, and names the object that is not there.
    failure: failure === "not-served" && told.name !== "" ? "not-found" : failure,
    reason: told.reason,
    retryAfterMs: Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, RETRY_AFTER_CAP_S) * 1000 : 0,
  });
}

interface Told {
  readonly message: string;
  readonly reason: string;
  /** Of the object in question. */
  readonly name: string;
}

/** Fields of a Status object, or the first line of a plain text. */
function statusOf(text: string): Told {
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value) && typeof value["message"] === "string") {
      const details = isRecord(value["details"]) ? value["details"] : {};
      return { message: value["message"], reason: textOf(value["reason"]), name: textOf(details["name"]) };
    }
  } catch {
    // Not JSON: a proxy's page or a plain text.
  }
  return { message: text.split("\n", 1)[0]?.slice(0, 200) ?? "", reason: "", name: "" };
}

/** The beginning of the body; errors on the way do not matter. */
async function readStart(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return "";
  const decoder = new TextDecoder();
  let text = "";
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      text += decoder.decode(part.value, { stream: true });
      if (text.length > BODY_LIMIT) break;
    }
  } catch {
    // The status alone says enough.
  }
  void reader.cancel().catch(() => {}); // the rest is not wanted
  return text;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
