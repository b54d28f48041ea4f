// WATCH: one stream of changes, from a resourceVersion until its end.

import { isRecord, type KubeObject, toKubeObject } from "../store/object.ts";
import type { Clock } from "./clock.ts";
import { failureOf, type KubeClient } from "./kube-client.ts";
import { KubeError } from "./kube-error.ts";
import { LineSplitter } from "./lines.ts";
import { describe, isKept, select, type Selection } from "./list.ts";
import { isOlder } from "./resource-version.ts";
import { collectionPath, kindNames } from "./resource.ts";

const TIMEOUT_MIN_S = 300; // as client-go: spread over [300, 600] so that watches do not all end at once
const TIMEOUT_SPREAD_S = 300;

/** Who hears of changes. */
export interface WatchSink {
  upsert(object: KubeObject): void;
  remove(object: KubeObject): void;
}

/** How a watch goes. */
export interface WatchOptions {
  /** Where to go on from. */
  readonly resourceVersion: string;
  readonly sink: WatchSink;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly patienceMs: number;
  /** The server accepted the watch. */
  readonly opened: () => void;
  /** It brought an event, or lived for a while without one. */
  readonly proven: (isSilent: boolean) => void;
  /** The version reached; called after each event, so that a broken stream can be taken up again. */
  readonly reached: (resourceVersion: string) => void;
}

/** How a watch ended. */
export interface WatchEnd {
  /** Events and bookmarks received. */
  readonly events: number;
  readonly lastedMs: number;
}

/**
 * Runs one watch until the server ends it, or until it is silent for too long.
 * @throws {KubeError} `expired` when the server forgot that version, `bad-answer` when the stream makes no sense
 */
export async function watch(client: KubeClient, selection: Selection, options: WatchOptions): Promise<WatchEnd> {
  const what = describe(selection, "watch");
  const path = watchPath(selection, options);
  const { response, guarded } = await client.open({
    path,
    what,
    signal: options.signal,
    patienceMs: options.patienceMs,
  });
  guarded.settle(); // from here on silence is normal, and the stream has its own timer
  const stream = new WatchStream(selection, options);
  const reader = response.body?.getReader();
  const silence = new SilenceTimer(options.clock, () => void reader?.cancel().catch(() => {}));
  const startedAt = options.clock.now();
  options.opened();
  const proof = setTimeout(() => options.proven(true), options.clock.provenMs);
  try {
    for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
      stream.push(part.value);
      silence.heard(stream.sawBookmark);
      if (stream.events > 0) options.proven(false);
    }
    if (stream.brokeOff && !silence.expired) {
      throw new KubeError(`${what}: the stream broke off inside an event`, { failure: "unreachable" });
    }
    return { events: stream.events, lastedMs: options.clock.now() - startedAt };
  } catch (thrown) {
    void reader?.cancel().catch(() => {}); // the rest is not wanted
    throw failureOf(thrown, guarded.signal, what);
  } finally {
    clearTimeout(proof);
    silence.stop();
    guarded.release();
  }
}

function watchPath(selection: Selection, { resourceVersion, clock }: WatchOptions): string {
  const query = new URLSearchParams({
    watch: "true",
    allowWatchBookmarks: "true",
    resourceVersion,
    timeoutSeconds: String(TIMEOUT_MIN_S + Math.floor(clock.random() * (TIMEOUT_SPREAD_S + 1))),
  });
  select(query, selection);
  return `${collectionPath(selection.resource, selection.namespace)}?${query}`;
}

/** Bytes in, changes out. */
class WatchStream {
  readonly #selection: Selection;
  readonly #options: WatchOptions;
  readonly #lines: LineSplitter;
  #resourceVersion: string;
  events: number;
  sawBookmark: boolean;

  constructor(selection: Selection, options: WatchOptions) {
    this.#selection = selection;
    this.#options = options;
    this.#lines = new LineSplitter((text) => this.#line(text));
    this.#resourceVersion = options.resourceVersion;
    this.events = 0;
    this.sawBookmark = false;
  }

  push(chunk: Uint8Array): void {
    this.#lines.push(chunk);
  }

  get brokeOff(): boolean {
    return this.#lines.rest !== "";
  }

  #line(text: string): void {
    const event = this.#parse(text);
    const { type, object: value } = event;
    if (type === "ERROR") throw this.#serverError(value);
    if (type === "BOOKMARK") {
      this.sawBookmark = true;
      const metadata = isRecord(value) && isRecord(value["metadata"]) ? value["metadata"] : {};
      return this.#advance(metadata["resourceVersion"]);
    }
    const object = toKubeObject(value, kindNames(this.#selection.resource));
    if (object === undefined) {
      throw this.#bad(`an event is about something else than a ${this.#selection.resource.kind}`);
    }
    if (type !== "ADDED" && type !== "MODIFIED" && type !== "DELETED") {
      throw this.#bad(`unknown event type ${JSON.stringify(type)}`);
    }
    this.#advance(object.metadata.resourceVersion);
    if (!isKept(this.#selection, object)) return;
    if (type === "DELETED") this.#options.sink.remove(object);
    else this.#options.sink.upsert(object);
  }

  #parse(text: string): Readonly<Record<string, unknown>> {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw this.#bad(`a line is not JSON (${text.length} characters)`);
    }
    if (!isRecord(value)) throw this.#bad("a line is not a JSON object");
    return value;
  }

  #advance(version: unknown): void {
    if (typeof version !== "string" || version === "") throw this.#bad("an event has no resourceVersion");
    if (isOlder(version, this.#resourceVersion)) {
      throw this.#bad(`the resourceVersion went back from ${this.#resourceVersion} to ${version}`);
    }
    this.#resourceVersion = version;
    this.events++;
    this.#options.reached(version);
  }

  /** The object of an ERROR event is a Status; 410 is the usual one. */
  #serverError(status: unknown): KubeError {
    const code = isRecord(status) ? status["code"] : undefined;
    const message = isRecord(status) && typeof status["message"] === "string" ? status["message"] : "no message";
    return new KubeError(`${describe(this.#selection, "watch")}: ${String(code)} ${message}`, {
      failure: code === 410 ? "expired" : "server",
    });
  }

  #bad(what: string): KubeError {
    return new KubeError(`${describe(this.#selection, "watch")}: ${what}`, { failure: "bad-answer" });
  }
}

/** Ends a stream that says nothing although the server would have sent bookmarks: its connection is half dead. */
class SilenceTimer {
  readonly #clock: Clock;
  readonly #end: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #limitMs: number;
  #heardAt: number;
  expired: boolean;

  constructor(clock: Clock, end: () => void) {
    this.#clock = clock;
    this.#end = end;
    this.#limitMs = clock.silenceMs;
    this.#heardAt = clock.now();
    this.expired = false;
    this.#timer = undefined;
    this.#arm(this.#limitMs);
  }

  heard(withBookmarks: boolean): void {
    this.#heardAt = this.#clock.now();
    if (!withBookmarks || this.#limitMs === this.#clock.bookmarkSilenceMs) return;
    this.#limitMs = this.#clock.bookmarkSilenceMs;
    this.stop();
    this.#arm(this.#limitMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** One timer for many chunks: when it fires too early, it is set again for what is left. */
  #arm(ms: number): void {
    this.#timer = setTimeout(() => {
      const left = this.#limitMs - (this.#clock.now() - this.#heardAt);
      if (left > 0) return this.#arm(left);
      this.expired = true;
      this.#end();
    }, ms);
  }
}
