// What HTTP/2 servers are to refuse, and how: fields, sequences of frames, and floods.

import { errorCode } from "../../src/http2/protocol.ts";
import {
  ACK,
  block,
  bytes,
  data,
  END_HEADERS,
  END_STREAM,
  frame,
  get,
  headers,
  PADDED,
  type Pair,
  post,
  PRIORITY,
  reset,
  settings,
  type,
  uint32,
  windowUpdate,
} from "./h2-frames.ts";

/** What is expected: a code in RST_STREAM, one in GOAWAY, the status of a refusal, or a request served. */
export type Outcome = { readonly reset: number } | { readonly goAway: number } | { readonly status: number } | "served";

const { protocol, streamClosed, flowControl, frameSize, compression, enhanceYourCalm } = errorCode;
const malformed: Outcome = { reset: protocol };

/** One GET each; the name says what is special. */
export const fieldRows: readonly (readonly [string, readonly Pair[], Outcome])[] = [
  ["a usual GET", get, "served"],
  ["a token of odd characters as name", [...get, ["x!#$%&'*+-.^_`|~1", "v"]], "served"],
  ["blanks and high bytes inside a value", [...get, ["x", "a \t\xe9 b"]], "served"],
  ["an empty value", [...get, ["x", ""]], "served"],
  ["OPTIONS *", [[":method", "OPTIONS"], ...replaced(":path", "*").slice(1)], "served"],
  ["te: trailers", [...get, ["te", "trailers"]], "served"],
  ["host equal to :authority", [...get, ["host", "A.test"]], "served"],
  ["host instead of :authority", [...replaced(":authority", undefined), ["host", "a.test"]], "served"],
  ["https as scheme", replaced(":scheme", "https"), "served"],
  ["an upper-case name", [...get, ["X-A", "1"]], malformed],
  ["a blank in a name", [...get, ["x a", "1"]], malformed],
  ["a colon in a name", [...get, ["x:a", "1"]], malformed],
  ["an empty name", [...get, ["", "1"]], malformed],
  ["NUL in a name", [...get, ["x\0", "1"]], malformed],
  ["a high byte in a name", [...get, ["x\xe9", "1"]], malformed],
  ["CR in a value", [...get, ["x", "a\rb"]], malformed],
  ["LF in a value", [...get, ["x", "a\nb"]], malformed],
  ["CRLF and a field in a value", [...get, ["x", "a\r\nhost: b"]], malformed],
  ["NUL in a value", [...get, ["x", "a\0b"]], malformed],
  ["DEL in a value", [...get, ["x", "a\x7fb"]], malformed],
  ["a blank before a value", [...get, ["x", " a"]], malformed],
  ["a tab behind a value", [...get, ["x", "a\t"]], malformed],
  ["a pseudo-field behind a field", [["x", "1"], ...get], malformed],
  ["an unknown pseudo-field", [...get, [":x", "1"]], malformed],
  [":status in a request", [...get, [":status", "200"]], malformed],
  ["no :method", replaced(":method", undefined), malformed],
  ["no :scheme", replaced(":scheme", undefined), malformed],
  ["no :path", replaced(":path", undefined), malformed],
  ["two :method", [...get, [":method", "GET"]], malformed],
  ["two :path", [...get, [":path", "/"]], malformed],
  ["two :authority", [...get, [":authority", "a.test"]], malformed],
  ["two :scheme", [...get, [":scheme", "http"]], malformed],
  ["an empty :path", replaced(":path", ""), malformed],
  ["a :path without slash", replaced(":path", "a"), malformed],
  ["a whole URL as :path", replaced(":path", "http://a.test/"), malformed],
  ["* as :path of a GET", replaced(":path", "*"), malformed],
  ["a blank in :path", replaced(":path", "/a b"), malformed],
  ["CRLF in :path", replaced(":path", "/ HTTP/1.1\r\nhost: b"), malformed],
  ["a high byte in :path", replaced(":path", "/\xe9"), malformed],
  ["extra text in :method", replaced(":method", "GET /admin HTTP/1.1"), malformed],
  ["an empty :method", replaced(":method", ""), malformed],
  ["extra text in :scheme", replaced(":scheme", "http://b/"), malformed],
  ["an empty :authority", replaced(":authority", ""), malformed],
  ["a blank in :authority", replaced(":authority", "a.test b"), malformed],
  ["connection", [...get, ["connection", "close"]], malformed],
  ["keep-alive", [...get, ["keep-alive", "1"]], malformed],
  ["proxy-connection", [...get, ["proxy-connection", "close"]], malformed],
  ["transfer-encoding", [...get, ["transfer-encoding", "chunked"]], malformed],
  ["upgrade", [...get, ["upgrade", "h2c"]], malformed],
  ["te with another value", [...get, ["te", "trailers, gzip"]], malformed],
  ["two host fields", [...get, ["host", "a.test"], ["host", "a.test"]], malformed],
  ["a bad content-length", [...post, ["content-length", "+1"]], malformed],
  ["two content-lengths", [...post, ["content-length", "0"], ["content-length", "0"]], malformed],
  ["content-length without DATA", [...post, ["content-length", "1"]], malformed],
  [":protocol that is not enabled", [[":method", "CONNECT"], ...get.slice(1), [":protocol", "websocket"]], malformed],
  ["CONNECT with :path", [[":method", "CONNECT"], ...get.slice(1)], malformed],
  ["CONNECT", [[":method", "CONNECT"], [":authority", "a.test:1"]], { status: 501 }],
  ["no host at all", replaced(":authority", undefined), { status: 400 }],
  ["a differing host", [...get, ["host", "b.test"]], { status: 400 }],
  ["user information in :authority", replaced(":authority", "u@a.test"), { status: 400 }],
  ["a path in :authority", replaced(":authority", "a.test/x"), { status: 400 }],
  ["a fragment in :path", replaced(":path", "/#a"), { status: 400 }],
  ["a backslash in :path", replaced(":path", "/a\\b"), { status: 400 }],
  ["a broken encoding in :path", replaced(":path", "/%zz"), { status: 400 }],
  ["an unknown expectation", [...get, ["expect", "tea"]], { status: 417 }],
  ["a :path beyond 16 KiB", replaced(":path", `/${"a".repeat(16_384)}`), { status: 414 }],
  ["100 fields", [...get, ...Array.from({ length: 100 }, (): Pair => ["x", "1"])], "served"],
  ["101 fields", [...get, ...Array.from({ length: 101 }, (): Pair => ["x", "1"])], { status: 431 }],
  ["a field beyond 16 KiB", [...get, ["x", "y".repeat(16_384)]], { status: 431 }],
  ["fields of 64 KiB, as HPACK counts them", [...get, ...many(80, 817)], "served"],
  ["fields beyond 64 KiB, as HPACK counts them", [...get, ...many(80, 818)], { status: 431 }],
  ["101 cookie crumbs", [...get, ...Array.from({ length: 101 }, (): Pair => ["cookie", "a=1"])], { status: 431 }],
];

const end = END_STREAM | END_HEADERS;
const prior = bytes(uint32(0), 15);

/** Frames after the client's hello. */
export const frameRows: readonly (readonly [string, readonly Uint8Array[], Outcome])[] = [
  ["padding and priority in HEADERS", [
    frame(type.headers, end | PADDED | PRIORITY, 1, bytes(2, prior, block(...get), 0, 0)),
  ], "served"],
  ["a block in three frames", [
    frame(type.headers, END_STREAM, 1, block(...get.slice(0, 2))),
    frame(type.continuation, 0, 1, block(...get.slice(2))),
    frame(type.continuation, END_HEADERS, 1),
  ], "served"],
  ["an unknown frame", [frame(200, 255, 77, bytes("x")), headers(1, get)], "served"],
  ["an unknown setting", [settings([99, 1]), headers(1, get)], "served"],
  ["PRIORITY on an idle stream", [frame(type.priority, 0, 7, prior), headers(9, get)], "served"],
  ["frames on a stream that it has reset", [
    headers(1, [...get, ["A", "1"]], 0),
    ...[data(1, "x"), windowUpdate(1, 1), headers(3, get)],
  ], malformed],
  ["a header block that is interrupted", [
    frame(type.headers, END_STREAM, 1, block(...get)),
    frame(type.ping, 0, 0, bytes("12345678")),
  ], { goAway: protocol }],
  ["a header block interrupted by an unknown frame", [frame(type.headers, 0, 1, block(...get)), frame(99, 0, 1)], {
    goAway: protocol,
  }],
  ["CONTINUATION of another stream", [
    frame(type.headers, 0, 1, block(...get)),
    frame(type.continuation, END_HEADERS, 3),
  ], { goAway: protocol }],
  ["CONTINUATION of nothing", [frame(type.continuation, END_HEADERS, 1, block(...get))], { goAway: protocol }],
  ["HEADERS on stream 0", [headers(0, get)], { goAway: protocol }],
  ["HEADERS on an even stream", [headers(2, get)], { goAway: protocol }],
  ["HEADERS on a lower stream", [headers(5, get), headers(3, get)], { goAway: streamClosed }],
  ["HEADERS that depend on their stream", [
    frame(type.headers, end | PRIORITY, 1, bytes(uint32(1), 15, block(...get))),
  ], { goAway: protocol }],
  ["PRIORITY that depends on its stream", [frame(type.priority, 0, 1, bytes(uint32(1), 0))], { goAway: protocol }],
  ["too much padding in HEADERS", [frame(type.headers, end | PADDED, 1, bytes(200, block(...get)))], {
    goAway: protocol,
  }],
  ["a HEADERS frame too short for its priority", [frame(type.headers, end | PRIORITY, 1, bytes(0, 0))], {
    goAway: frameSize,
  }],
  ["a broken header block", [frame(type.headers, end, 1, bytes(0x80))], { goAway: compression }],
  ["HEADERS after the end of a message", [headers(1, get), headers(1, [["x", "1"]])], { reset: streamClosed }],
  ["DATA after the end of a message", [headers(1, get), data(1, "x")], { reset: streamClosed }],
  ["DATA on an idle stream", [data(1, "x")], { goAway: protocol }],
  ["DATA on stream 0", [data(0, "x")], { goAway: protocol }],
  ["DATA on a stream that the client has reset", [headers(1, post, 0), reset(1), data(1, "x")], {
    goAway: streamClosed,
  }],
  ["trailers that do not end the stream", [headers(1, post, 0), headers(1, [["x", "1"]], 0)], malformed],
  ["a pseudo-field in trailers", [headers(1, post, 0), headers(1, [[":path", "/"]])], malformed],
  ["content-length in trailers", [headers(1, post, 0), headers(1, [["content-length", "0"]])], malformed],
  ["an upper-case name in trailers", [headers(1, post, 0), headers(1, [["X", "0"]])], malformed],
  ["more DATA than content-length", [headers(1, [...post, ["content-length", "1"]], 0), data(1, "ab")], malformed],
  ["less DATA than content-length", [headers(1, [...post, ["content-length", "3"]], 0), data(1, "ab", 1)], malformed],
  ["less DATA than content-length, with trailers", [
    ...[headers(1, [...post, ["content-length", "3"]], 0), data(1, "ab"), headers(1, [["x", "1"]])],
  ], malformed],
  ["RST_STREAM on an idle stream", [reset(1)], { goAway: protocol }],
  ["RST_STREAM on stream 0", [reset(0)], { goAway: protocol }],
  ["RST_STREAM of three bytes", [headers(1, get), frame(type.reset, 0, 1, bytes(0, 0, 0))], { goAway: frameSize }],
  ["PRIORITY on stream 0", [frame(type.priority, 0, 0, prior)], { goAway: protocol }],
  ["PRIORITY of four bytes", [frame(type.priority, 0, 1, uint32(0))], { goAway: frameSize }],
  ["SETTINGS on a stream", [frame(type.settings, 0, 1)], { goAway: protocol }],
  ["SETTINGS of five bytes", [frame(type.settings, 0, 0, bytes("12345"))], { goAway: frameSize }],
  ["an acknowledgement with settings", [frame(type.settings, ACK, 0, bytes("123456"))], { goAway: frameSize }],
  ["ENABLE_PUSH of 2", [settings([2, 2])], { goAway: protocol }],
  ["a window setting beyond 2^31-1", [settings([4, 2 ** 31])], { goAway: flowControl }],
  ["a frame size setting of 16383", [settings([5, 16_383])], { goAway: protocol }],
  ["a frame size setting of 2^24", [settings([5, 2 ** 24])], { goAway: protocol }],
  ["PUSH_PROMISE", [frame(type.pushPromise, END_HEADERS, 1, bytes(uint32(2), block(...get)))], { goAway: protocol }],
  ["PING on a stream", [frame(type.ping, 0, 1, bytes("12345678"))], { goAway: protocol }],
  ["PING of seven bytes", [frame(type.ping, 0, 0, bytes("1234567"))], { goAway: frameSize }],
  ["GOAWAY on a stream", [frame(type.goAway, 0, 1, bytes(uint32(0), uint32(0)))], { goAway: protocol }],
  ["GOAWAY of four bytes", [frame(type.goAway, 0, 0, uint32(0))], { goAway: frameSize }],
  ["WINDOW_UPDATE of three bytes", [frame(type.windowUpdate, 0, 0, bytes(0, 0, 1))], { goAway: frameSize }],
  ["WINDOW_UPDATE of 0 on the connection", [windowUpdate(0, 0)], { goAway: protocol }],
  ["WINDOW_UPDATE of 0 on a stream", [headers(1, get), windowUpdate(1, 0)], malformed],
  ["WINDOW_UPDATE on an idle stream", [windowUpdate(1, 1)], { goAway: protocol }],
  ["a connection's window beyond 2^31-1", [windowUpdate(0, 2 ** 31 - 1)], { goAway: flowControl }],
  ["a stream's window beyond 2^31-1", [headers(1, get), windowUpdate(1, 2 ** 31 - 1)], { reset: flowControl }],
  ["a setting that lets a window overflow", [
    headers(1, get),
    windowUpdate(1, 2 ** 31 - 1 - 65_535),
    settings([4, 65_536]),
  ], {
    goAway: flowControl,
  }],
  ["a frame beyond the allowed size", [headers(1, post, 0), data(1, "x".repeat(16_385))], { goAway: frameSize }],
  ["a header block beyond 64 KiB", [
    frame(type.headers, 0, 1, block(...get)),
    ...Array.from({ length: 5 }, () => frame(type.continuation, 0, 1, block(["x", "y".repeat(16_000)]))),
  ], { goAway: enhanceYourCalm }],
  ["an extended CONNECT's neighbour: CONNECT without :authority", [headers(1, [[":method", "CONNECT"]])], malformed],
];

/** Sent on a connection where stream 1 is open: what is sent again and again; `turn` counts from 0. */
export const floods: readonly (readonly [string, (turn: number) => Uint8Array])[] = [
  ["SETTINGS", () => settings()],
  ["SETTINGS acknowledgements", () => frame(type.settings, ACK, 0)],
  ["PING", () => frame(type.ping, 0, 0, bytes("12345678"))],
  ["PING answers", () => frame(type.ping, ACK, 0, bytes("12345678"))],
  ["PRIORITY", (turn) => frame(type.priority, 0, 2 * turn + 3, bytes(uint32(0), 1))],
  ["WINDOW_UPDATE", () => windowUpdate(0, 1)],
  ["unknown frames", () => frame(99, 0, 0)],
  ["GOAWAY", () => frame(type.goAway, 0, 0, new Uint8Array(8))],
  ["empty DATA", () => data(1, "")],
  ["DATA of padding", () => frame(type.data, PADDED, 1, bytes(2, 0, 0))],
  ["empty HEADERS", (turn) => frame(type.headers, END_HEADERS | END_STREAM, 2 * turn + 3)],
  ["empty CONTINUATION", (turn) => turn === 0 ? frame(type.headers, 0, 3) : frame(type.continuation, 0, 3)],
  ["CONTINUATION", (turn) => frame(turn === 0 ? type.headers : type.continuation, 0, 3, block(["x", "y".repeat(100)]))],
  ["RST_STREAM of a closed stream", (turn) => turn === 0 ? bytes(headers(3, get), reset(3)) : reset(3)],
  ["rapid reset", (turn) => bytes(headers(2 * turn + 3, get), reset(2 * turn + 3))],
  ["malformed requests", (turn) => headers(2 * turn + 3, [...get, ["X", "1"]])],
  ["streams that are too many", (turn) => headers(2 * turn + 3, get)],
  ["resets that it makes us do", (turn) => bytes(headers(2 * turn + 3, get), windowUpdate(2 * turn + 3, 0))],
  ["messages of the wrong length", (turn) => {
    const stream = 2 * turn + 3;
    return bytes(headers(stream, [...post, ["content-length", "9"]], 0), data(stream, "x", END_STREAM));
  }],
];

/** Fields of some size each: HPACK adds 32 to their bytes. */
function many(count: number, size: number): readonly Pair[] {
  return Array.from({ length: count }, (): Pair => ["x", "y".repeat(size - 33)]);
}

function replaced(name: string, value: string | undefined): readonly Pair[] {
  return get.flatMap((pair): readonly Pair[] => {
    if (pair[0] !== name) return [pair];
    return value === undefined ? [] : [[name, value]];
  });
}
