// The sticky cookie on the wire.

import assert from "node:assert/strict";
import { test } from "node:test";
import { HeaderList } from "../../../src/http/header-list.ts";
import { readCookie, setCookieLine } from "../../../src/service/sticky-cookie.ts";
import { cookie } from "./fakes.ts";

const reads = [
  { lines: ["c=1"], value: "1" },
  { lines: ["a=0; c=1; d=2"], value: "1" },
  { lines: ["a=0;c=1;d=2"], value: "1" },
  { lines: ["a=0;\tc=1 "], value: "1" },
  { lines: ["a=0", "c=1"], value: "1" },
  { lines: ["c=1; c=2"], value: "1" },
  { lines: ['c="1"'], value: "1" },
  { lines: ["c="], value: "" },
  { lines: ["c=a=b"], value: "a=b" },
  { lines: ["cc=1; xc=2"], value: undefined },
  { lines: ["a=c=1"], value: undefined },
  { lines: ["C=1"], value: undefined },
  { lines: ["c"], value: undefined },
  { lines: ["cc=3; c=1"], value: "1" },
  { lines: [], value: undefined },
];

for (const { lines, value } of reads) {
  test(`readCookie() finds ${value} in ${JSON.stringify(lines)}`, () => {
    const headers = HeaderList.of(...lines.map((line) => ["Cookie", line] as const));
    assert.equal(readCookie(headers, "c"), value);
  });
}

const writes = [
  { config: cookie, line: "n=v; Path=/" },
  {
    config: { ...cookie, path: "/a", domain: ".b.test", maxAge: 60, httpOnly: true, secure: true, sameSite: "lax" },
    line: "n=v; Path=/a; Domain=b.test; Max-Age=60; HttpOnly; Secure; SameSite=Lax",
  },
  { config: { ...cookie, maxAge: -1, sameSite: "none" }, line: "n=v; Path=/; Max-Age=0; SameSite=None" },
  { config: { ...cookie, path: "", sameSite: "strict" }, line: "n=v; SameSite=Strict" },
] as const;

for (const { config, line } of writes) {
  test(`setCookieLine() writes ${line}`, () => assert.equal(setCookieLine(config, "n", "v"), line));
}
