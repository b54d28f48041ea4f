// The gaps table: every feature below works, unless the runtime lists it as a gap; a listed gap that works fails too.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Coding } from "../../src/net/runtime.ts";
import { meet, Recorder, ROLES, settle } from "../support/contract.ts";
import { hearsRefusal, isRefused, resumes, speaksOldVersions } from "../support/tls-probes.ts";
import { runtime } from "#runtime";

/** Tells whether a feature works on this runtime. */
const PROBES: Readonly<Record<string, () => Promise<boolean>>> = {
  "zstd": () => Promise.resolve(hasCoding("zstd")),
  "background-compression": () => Promise.resolve(!compressesWithinCall("br") && !compressesWithinCall("zstd")),
  "reset-while-paused": async () => {
    const told: boolean[] = [];
    for (const role of ROLES) told.push(await seesResetWhilePaused(role));
    return told.every(Boolean);
  },
  "tls-ciphers": () =>
    isRefused({ ciphers: ["ECDHE-ECDSA-AES256-GCM-SHA384"] }, ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"]),
  "tls-curves": () => isRefused({ curves: ["X25519"] }, ["-groups", "P-384"]),
  "tls-below-1.2": () => speaksOldVersions(),
  "tls-no-tickets": async () => !(await resumes({ maxVersion: "1.2", sessionTickets: false })),
  "tls-session-isolation": async () => !(await resumes({ maxVersion: "1.2" }, { maxVersion: "1.2" })),
  "datagram-refused": () => hearsRefusal(),
};

for (const [feature, works] of Object.entries(PROBES)) {
  const gap = runtime.gaps.find((one) => one.feature === feature);
  test(`${feature} ${gap === undefined ? "works" : `is a gap: ${gap.reason}`}`, async () => {
    assert.equal(await works(), gap === undefined, gap === undefined ? "list it as a gap" : "take it off the table");
  });
}

test("every gap has a probe and a reason", () => {
  for (const { feature, reason } of runtime.gaps) {
    assert.ok(feature in PROBES, `${feature} has no probe`);
    assert.ok(reason.length > 20, `${feature} has no reason`);
  }
});

function hasCoding(coding: Coding): boolean {
  const nobody = { data: () => {}, drained: () => {}, end: () => {}, fail: () => {} };
  const compressor = runtime.compressor(coding, nobody);
  compressor?.cancel();
  return compressor !== undefined;
}

function compressesWithinCall(coding: Coding): boolean {
  let chunks = 0;
  const handler = { data: () => void chunks++, drained: () => {}, end: () => {}, fail: () => {} };
  const compressor = runtime.compressor(coding, handler);
  compressor?.write(crypto.getRandomValues(new Uint8Array(65536)));
  compressor?.flush();
  compressor?.cancel();
  return chunks > 0;
}

async function seesResetWhilePaused(role: (typeof ROLES)[number]): Promise<boolean> {
  const { subject, peer, close } = await meet(role);
  const seen = new Recorder();
  subject.handle(seen);
  subject.pause();
  await settle();
  peer.resetAndDestroy();
  await settle();
  await settle();
  const isSeen = seen.told.includes("close");
  await close();
  return isSeen;
}
