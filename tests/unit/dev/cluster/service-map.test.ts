// Unit tests of `--map`.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseServiceMaps } from "../../../../src/dev/cluster/service-map.ts";

test("parseServiceMaps() reads services, hosts and ports", () => {
  const { map, problems } = parseServiceMaps([
    "a=localhost:3000",
    "a=:3001",
    "n/b=Host.test:80,10.0.0.1:81",
    "c=[::1]:1",
  ]);
  assert.deepEqual(problems, []);
  assert.deepEqual([...map], [
    ["default/a", [
      { host: "127.0.0.1", port: 3000, addressType: "IPv4" },
      { host: "127.0.0.1", port: 3001, addressType: "IPv4" },
    ]],
    ["n/b", [
      { host: "host.test", port: 80, addressType: "FQDN" },
      { host: "10.0.0.1", port: 81, addressType: "IPv4" },
    ]],
    ["default/c", [{ host: "::1", port: 1, addressType: "IPv6" }]],
  ]);
});

test("parseServiceMaps() refuses what it can't read, and says what was wanted", () => {
  for (const text of ["", "a", "=b:1", "a=b", "a=b:0", "a=b:70000", "a/b/c=d:1", "A=b:1", "a=b:1,", "a=http://b:1"]) {
    const { map, problems } = parseServiceMaps([text]);
    assert.equal(map.size, 0, text);
    assert.deepEqual(problems.map(({ code, source }) => [code, source?.type]), [["invalid-map", "flag"]], text);
  }
});
