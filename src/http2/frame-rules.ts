// What RFC 9113 §6 says of each frame type's size and stream, checked before a byte of its payload is read.

import type { Role } from "./fault.ts";
import { ConnectionFault } from "./fault.ts";
import type { FrameHeader } from "./frame-reader.ts";
import { errorCode, flag, frameType } from "./protocol.ts";

/** How a frame must look. */
interface FrameRule {
  readonly name: string;
  /** Belongs to a stream; false: to the connection; undefined: to either. */
  readonly onStream: boolean | undefined;
  /** Bytes of the payload; undefined: any number. */
  readonly length: number | undefined;
}

const rules: readonly FrameRule[] = [
  { name: "DATA", onStream: true, length: undefined },
  { name: "HEADERS", onStream: true, length: undefined },
  { name: "PRIORITY", onStream: true, length: 5 },
  { name: "RST_STREAM", onStream: true, length: 4 },
  { name: "SETTINGS", onStream: false, length: undefined },
  { name: "PUSH_PROMISE", onStream: true, length: undefined },
  { name: "PING", onStream: false, length: 8 },
  { name: "GOAWAY", onStream: false, length: undefined },
  { name: "WINDOW_UPDATE", onStream: undefined, length: 4 },
  { name: "CONTINUATION", onStream: true, length: undefined },
];
const SETTING_BYTES = 6;
const GO_AWAY_BYTES = 8;

/** @throws {ConnectionFault} */
export function checkFrame({ type, flags, stream, length }: FrameHeader, role: Role): void {
  const rule = rules[type];
  if (rule === undefined) return; // of an unknown type, which is ignored: §4.1
  if (rule.onStream !== undefined && rule.onStream !== (stream !== 0)) {
    const wanted = rule.onStream ? "needs a stream" : "belongs to no stream";
    throw new ConnectionFault(role, errorCode.protocol, `a ${rule.name} frame ${wanted}`);
  }
  if (!isSized(rule, type, flags, length)) {
    throw new ConnectionFault(role, errorCode.frameSize, `a ${rule.name} frame has ${length} bytes`);
  }
  if (type === frameType.pushPromise) {
    throw new ConnectionFault(role, errorCode.protocol, "PUSH_PROMISE came although push is disabled");
  }
}

function isSized(rule: FrameRule, type: number, flags: number, length: number): boolean {
  if (rule.length !== undefined) return length === rule.length;
  if (type === frameType.settings) return (flags & flag.ack) === 0 ? length % SETTING_BYTES === 0 : length === 0;
  return type !== frameType.goAway || length >= GO_AWAY_BYTES;
}
