// When a server whose versions went back is taken for a restored one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ServerHistory } from "../../../../../src/provider/kubernetes/client/server-history.ts";

test("ServerHistory believes the sixth older version in a row, and begins again", () => {
  const history = new ServerHistory();
  const answers = Array.from({ length: 7 }, () => history.wentBack());
  assert.deepEqual(answers, [false, false, false, false, false, true, false]);
  assert.equal(history.restores, 1);
});

test("ServerHistory believes no replica that lags behind others", () => {
  const history = new ServerHistory();
  for (let round = 0; round < 20; round++) {
    assert.equal(history.wentBack(), false);
    assert.equal(history.wentBack(), false);
    history.confirmed();
  }
  assert.equal(history.restores, 0);
});
