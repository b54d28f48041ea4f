// Addresses and ranges: what is read, and what lies in what.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createCidrSet, parseCidr, parseIp } from "../../../src/net/cidr.ts";

const addresses: readonly [text: string, groups: readonly number[] | undefined][] = [
  ["127.0.0.1", [0x7f000001]],
  ["255.255.255.255", [0xffffffff]],
  ["::", [0, 0, 0, 0]],
  ["::1", [0, 0, 0, 1]],
  ["2001:db8::ff00:42:8329", [0x20010db8, 0, 0xff00, 0x428329]],
  ["1:2:3:4:5:6:7:8", [0x10002, 0x30004, 0x50006, 0x70008]],
  ["1:2:3:4:5:6:7::", [0x10002, 0x30004, 0x50006, 0x70000]],
  ["::ffff:10.0.0.1", [0x0a000001]],
  ["::FFFF:0a00:0001", [0x0a000001]],
  ["fe80::1%eth0", [0xfe800000, 0, 0, 1]],
  ["", undefined],
  ["1.2.3", undefined],
  ["1.2.3.4.5", undefined],
  ["01.2.3.4", undefined],
  ["256.0.0.1", undefined],
  ["1.2.3.-4", undefined],
  [":::", undefined],
  ["1::2::3", undefined],
  ["1:2:3:4:5:6:7:8:9", undefined],
  ["1:2:3:4:5:6:7:8::", undefined],
  ["12345::", undefined],
  ["::1.2.3.4.5", undefined],
  ["1.2.3.4::", undefined],
  ["[::1]", undefined],
  ["localhost", undefined],
];

for (const [text, groups] of addresses) {
  test(`parseIp() reads ${JSON.stringify(text)} as ${JSON.stringify(groups)}`, () => {
    assert.deepEqual(parseIp(text), groups);
  });
}

const ranges: readonly [range: string, inside: readonly string[], outside: readonly string[]][] = [
  ["10.0.0.0/8", ["10.0.0.0", "10.255.255.255", "::ffff:10.1.2.3"], ["11.0.0.0", "9.255.255.255", "::1", ""]],
  ["10.1.2.3/8", ["10.9.9.9"], ["11.0.0.1"]],
  ["192.168.1.7", ["192.168.1.7"], ["192.168.1.8"]],
  ["0.0.0.0/0", ["1.2.3.4", "255.255.255.255"], ["::1", "nonsense"]],
  ["128.0.0.0/1", ["200.0.0.1"], ["127.0.0.1"]],
  ["::/0", ["::1", "2001:db8::1"], ["1.2.3.4"]],
  ["2001:db8::/33", ["2001:db8:7fff::1"], ["2001:db8:8000::1", "2001:db9::1"]],
  ["fd00::/8", ["fdff::1", "fd00::1%eth0"], ["fe00::1"]],
  ["::ffff:10.0.0.0/104", ["10.255.0.1"], ["11.0.0.1"]],
];

for (const [range, inside, outside] of ranges) {
  test(`createCidrSet() knows what is in ${range}`, () => {
    const parsed = parseCidr(range);
    assert.ok(parsed !== undefined);
    const set = createCidrSet([parsed]);
    for (const ip of inside) assert.equal(set.contains(ip), true, ip);
    for (const ip of outside) assert.equal(set.contains(ip), false, ip);
    for (const ip of inside) assert.equal(set.contains(ip), true, `${ip}, asked again`);
  });
}

for (
  const text of [
    "",
    "10.0.0.0/33",
    "10.0.0.0/-1",
    "10.0.0.0/08",
    "10.0.0.0/",
    "::/129",
    "::ffff:10.0.0.0/95",
    "fe80::1%e/64",
  ]
) {
  test(`parseCidr() refuses ${JSON.stringify(text)}`, () => assert.equal(parseCidr(text), undefined));
}

test("createCidrSet() of nothing holds nothing", () => {
  assert.equal(createCidrSet([]).contains("127.0.0.1"), false);
});
