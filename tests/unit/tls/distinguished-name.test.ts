// Subjects as text.

import assert from "node:assert/strict";
import { test } from "node:test";
import { formatName } from "../../../src/tls/distinguished-name.ts";

test("formatName() writes the last attribute first, and escapes what has a meaning", () => {
  const subject = [{ oid: "2.5.4.6", value: "DE" }, { oid: "2.5.4.10", value: "A, B + C" }, {
    oid: "1.2.3",
    value: "#x",
  }];
  assert.equal(
    formatName([...subject, { oid: "2.5.4.3", value: "client" }]),
    "CN=client,1.2.3=\\#x,O=A\\, B \\+ C,C=DE",
  );
  assert.equal(formatName([]), "");
});
