// Tables of events and leases.

import { numberAt, objectAt, textAt } from "../json.ts";
import type { KubeObject } from "../kube/object.ts";
import { type Column, column, wide } from "./column.ts";
import { ageSince } from "./duration.ts";

/** `kubectl get events`; its first column is an age, and its name comes last. */
export const eventColumns: readonly Column[] = [
  column("Last Seen", lastSeen),
  column("Type", (event) => textAt(event, "type") ?? ""),
  column("Reason", (event) => textAt(event, "reason") ?? ""),
  column("Object", (event) => {
    const about = objectAt(event, "involvedObject");
    const [kind, name] = [(textAt(about, "kind") ?? "").toLowerCase(), textAt(about, "name") ?? ""];
    return name === "" ? kind : `${kind}/${name}`;
  }),
  wide("Subobject", (event) => textAt(event, "involvedObject", "fieldPath") ?? ""),
  wide("Source", (event) => {
    const component = textAt(event, "source", "component") || textAt(event, "reportingComponent") || "";
    const instance = textAt(event, "source", "host") || textAt(event, "reportingInstance") || "";
    return instance === "" ? component : `${component}, ${instance}`;
  }),
  column("Message", (event) => (textAt(event, "message") ?? "").trim()),
  wide("First Seen", firstSeen),
  wide("Count", (event) => numberAt(event, "series", "count") ?? (numberAt(event, "count") || 1)),
];

/** `kubectl get leases`. */
export const leaseColumns: readonly Column[] = [
  column("Holder", (lease) => textAt(lease, "spec", "holderIdentity") ?? ""),
];

function firstSeen(event: KubeObject, now: number): string {
  return ageSince(textAt(event, "firstTimestamp") ?? textAt(event, "eventTime"), now);
}

function lastSeen(event: KubeObject, now: number): string {
  const last = textAt(event, "series", "lastObservedTime") ?? textAt(event, "lastTimestamp");
  return last === undefined ? firstSeen(event, now) : ageSince(last, now);
}
