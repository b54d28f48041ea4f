// Problems as events: reasons, messages, names and what they refer to.

import assert from "node:assert/strict";
import { test } from "node:test";
import { toKubeObject } from "../../../../../src/provider/kubernetes/store/object.ts";
import {
  eventName,
  eventNamespace,
  eventOf,
  toEvent,
  toEventPatch,
  toEventTime,
} from "../../../../../src/provider/kubernetes/write-back/event.ts";

const NAMES = { apiVersion: "traefik.io/v1alpha1", kind: "IngressRoute" };

function route(name: string, namespace = "shop", uid = "u-1") {
  const object = toKubeObject({ ...NAMES, metadata: { name, namespace, uid, resourceVersion: "7" } }, NAMES);
  assert.ok(object);
  return object;
}

test("eventOf() makes a CamelCase reason, and a message with the hint", () => {
  const problem = { severity: "error", code: "missing-service", message: "there is none" } as const;
  assert.deepEqual(eventOf(problem), {
    type: "Warning",
    reason: "MissingService",
    message: "there is none",
    fieldPath: "",
    fault: "there is none",
  });
  assert.deepEqual(eventOf({ ...problem, hint: "make one", path: ["spec", "routes", 0, "services"] }), {
    type: "Warning",
    reason: "MissingService",
    message: "there is none (make one)",
    fieldPath: "spec.routes[0].services",
    fault: "there is none",
  });
});

test("eventOf() keeps a message within 1,024 characters, and cuts no character in two", () => {
  for (const letter of ["x", "😀"]) {
    const { message } = eventOf({ severity: "warning", code: "a", message: letter.repeat(2_000) });
    assert.ok(message.length <= 1024 && message.length >= 1023);
    assert.ok(message.endsWith(`${letter}…`), "whole at its end");
    assert.equal(new TextDecoder().decode(new TextEncoder().encode(message)), message);
  }
});

test("eventName() is the same for the same fault of the same object, a legal name, and no other's", () => {
  const text = eventOf({ severity: "error", code: "a", message: "m" });
  assert.equal(eventName(route("web"), text), eventName(route("web"), text));
  assert.match(eventName(route("web"), text), /^web\.[0-9a-f]{16}$/);
  const others = [
    eventName(route("web", "shop", "u-2"), text),
    eventName(route("web"), { ...text, reason: "B" }),
    eventName(route("web"), { ...text, fault: "n" }),
    eventName(route("web"), { ...text, fieldPath: "spec" }),
    eventName(route("web"), { ...text, type: "Normal" }),
  ];
  assert.equal(new Set([eventName(route("web"), text), ...others]).size, 6);
  assert.ok(eventName(route("x".repeat(253)), text).length <= 253);
  assert.match(eventName(route(`${"x".repeat(235)}-${"y".repeat(17)}`), text), /x\.[0-9a-f]{16}$/);
});

test("eventName() stays when only the hint changes, because a neighbour that it names came or went", () => {
  const problem = { severity: "error", code: "missing-service", message: "there is no b" } as const;
  const [before, after] = [eventOf({ ...problem, hint: "known: a" }), eventOf({ ...problem, hint: "known: a, c" })];
  assert.notEqual(before.message, after.message);
  assert.equal(eventName(route("web"), before), eventName(route("web"), after));
});

test("toEvent() names the object with uid, version and field, so that kubectl describe finds it", () => {
  const text = eventOf({ severity: "error", code: "bad-rule", message: "m", path: ["spec"] });
  const times = { count: 2, first: "2026-01-01T00:00:00Z", last: "2026-01-01T00:05:00Z" };
  const event = toEvent(route("web"), text, times, "pod-1");
  assert.deepEqual(event["involvedObject"], {
    ...NAMES,
    namespace: "shop",
    name: "web",
    uid: "u-1",
    resourceVersion: "7",
    fieldPath: "spec",
  });
  assert.deepEqual([event["type"], event["reason"], event["message"], event["count"]], ["Warning", "BadRule", "m", 2]);
  assert.deepEqual(event["source"], { component: "weir" });
  assert.deepEqual([event["firstTimestamp"], event["lastTimestamp"]], [times.first, times.last]);
});

test("toEventPatch() brings the message up to date, and leaves the count alone when it is not known", () => {
  const last = toEventTime(new Date(1_500));
  assert.equal(last, "1970-01-01T00:00:01Z");
  const text = eventOf({ severity: "error", code: "a", message: "m" });
  assert.deepEqual(toEventPatch(route("web"), text, last, undefined), {
    involvedObject: { resourceVersion: "7" },
    message: "m",
    lastTimestamp: last,
  });
  assert.equal(toEventPatch(route("web"), text, last, 3)["count"], 3);
});

test("eventNamespace() of an object without one is default", () => {
  assert.deepEqual([eventNamespace(route("web")), eventNamespace(route("class", ""))], ["shop", "default"]);
});
