// Kubernetes Events (core v1, which servers of all ages have): what `kubectl describe` shows below an object.

import { sha256Hex } from "../../../net/hash.ts";
import { formatPath } from "../../../schema/path.ts";
import type { Problem } from "../../../schema/problem.ts";
import { isRecord, type KubeObject } from "../store/object.ts";

/** What an event says, whenever and however often it says it. */
export interface EventText {
  readonly type: "Normal" | "Warning";
  /** One word in CamelCase, for machines. */
  readonly reason: string;
  readonly message: string;
  /** The field concerned; empty: the whole object. */
  readonly fieldPath: string;
  /** What is wrong, without advice, which may name neighbours that come and go: the same event as long as it is the same. */
  readonly fault: string;
}

/** How often, and when. */
export interface EventTimes {
  readonly count: number;
  readonly first: string;
  readonly last: string;
}

const COMPONENT = "weir";
const MESSAGE_LIMIT = 1024; // characters; what events.k8s.io takes at most
const REASON_LIMIT = 128;
const NAME_LIMIT = 253;
const HASH_DIGITS = 16;

/** A problem as an event. */
export function eventOf({ code, message, hint, path = [] }: Problem): EventText {
  const text = hint === undefined ? message : `${message} (${hint})`;
  return { type: "Warning", reason: reasonOf(code), message: cut(text), fieldPath: formatPath(path), fault: message };
}

/** Said once all problems of an object are gone. */
export const recovered: EventText = {
  type: "Normal",
  reason: "Recovered",
  message: "served again: what was reported before is mended",
  fieldPath: "",
  fault: "",
};

/** The same for the same fault of the same object, in every process: who comes second finds the first one's event. */
export function eventName(object: KubeObject, text: EventText): string {
  const { type, reason, fieldPath, fault } = text;
  const hash = sha256Hex(JSON.stringify([uidOf(object), type, reason, fault, fieldPath])).slice(0, HASH_DIGITS);
  return `${object.metadata.name.slice(0, NAME_LIMIT - HASH_DIGITS - 1).replace(/[.-]+$/, "")}.${hash}`;
}

/** Events of objects without a namespace are in `default`. */
export function eventNamespace({ metadata: { namespace } }: KubeObject): string {
  return namespace === "" ? "default" : namespace;
}

/** A whole event. @param instance which host or Pod says so */
export function toEvent(
  object: KubeObject,
  text: EventText,
  times: EventTimes,
  instance: string,
): Readonly<Record<string, unknown>> {
  const { type, reason, message } = text;
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: eventName(object, text), namespace: eventNamespace(object) },
    involvedObject: involved(object, text),
    type,
    reason,
    message,
    source: { component: COMPONENT },
    firstTimestamp: times.first,
    lastTimestamp: times.last,
    count: times.count,
    reportingComponent: COMPONENT,
    reportingInstance: instance,
  };
}

/** A merge patch for an event that is there: it may advise something else now. @param count absent: it stays as it is */
export function toEventPatch(
  { metadata: { resourceVersion } }: KubeObject,
  { message }: EventText,
  last: string,
  count: number | undefined,
): Readonly<Record<string, unknown>> {
  return { involvedObject: { resourceVersion }, message, lastTimestamp: last, ...(count !== undefined && { count }) };
}

/** `metadata.uid`; empty when the server gave none. */
export function uidOf({ raw }: KubeObject): string {
  const metadata = raw["metadata"];
  const uid = isRecord(metadata) ? metadata["uid"] : undefined;
  return typeof uid === "string" ? uid : "";
}

/** `metadata.generation`, which grows when somebody edits what an object says; undefined for kinds without it. */
export function generationOf({ raw }: KubeObject): number | undefined {
  const metadata = raw["metadata"];
  const generation = isRecord(metadata) ? metadata["generation"] : undefined;
  return typeof generation === "number" ? generation : undefined;
}

/** As events have it: whole seconds. */
export function toEventTime(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, "Z");
}

function involved(object: KubeObject, { fieldPath }: EventText): Readonly<Record<string, string>> {
  const { apiVersion, kind, metadata: { namespace, name, resourceVersion } } = object;
  return {
    apiVersion,
    kind,
    ...(namespace !== "" && { namespace }),
    name,
    uid: uidOf(object),
    resourceVersion,
    ...(fieldPath !== "" && { fieldPath }),
  };
}

function reasonOf(code: string): string {
  const words = code.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("").slice(0, REASON_LIMIT);
}

function cut(text: string): string {
  if (text.length <= MESSAGE_LIMIT) return text;
  return `${text.slice(0, MESSAGE_LIMIT - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}
