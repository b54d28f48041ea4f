// A listener that gives way to another one, while connections come and the entry point closes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Door } from "../../../src/entrypoint/door.ts";
import type { Connection } from "../../../src/net/connection.ts";
import type { Listener } from "../../../src/net/runtime.ts";
import { MemoryConnection } from "../../support/memory-connection.ts";

class FakeListener implements Listener {
  readonly host = "";
  readonly port = 80;
  readonly connections = 0;
  isClosed = false;

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }
}

/** Gives way when the test says so. */
class OldListener extends FakeListener {
  readonly next: PromiseWithResolvers<Listener> = Promise.withResolvers();
  asked = 0;

  reopenForUpgrade(): Promise<Listener> {
    this.asked++;
    return this.next.promise;
  }
}

function doorOver(listener: Listener): Door {
  const door = new Door();
  door.listener = listener;
  return door;
}

test("Door keeps connections, unread, until somebody serves", () => {
  const door = doorOver(new FakeListener());
  const connection = new MemoryConnection({ remote: { ip: "192.0.2.1", port: 1 } });
  door.accept(connection);
  const served: Connection[] = [];
  door.lead((one) => void served.push(one));
  door.accept(connection);
  assert.deepEqual(served, [connection, connection]);
});

test("Door.admitTls() asks once, and has the new listener afterwards", async () => {
  const old = new OldListener();
  const door = doorOver(old);
  const both = Promise.all([door.admitTls(), door.admitTls()]);
  const fresh = new FakeListener();
  old.next.resolve(fresh);
  await both;
  await door.admitTls(); // a listener that can has nothing to do
  assert.equal(old.asked, 1);
  assert.equal(door.listener, fresh);
});

test("Door.admitTls() rejects when there is no new listener, and settled() does not", async () => {
  const old = new OldListener();
  const door = doorOver(old);
  const failed = assert.rejects(door.admitTls(), /no port/);
  const settled = door.settled();
  old.next.reject(new Error("no port"));
  await Promise.all([failed, settled]);
  await door.close();
});

test("Door.close() closes the listener that comes while it closes", async () => {
  const old = new OldListener();
  const door = doorOver(old);
  const admitted = door.admitTls();
  const closed = door.close();
  const fresh = new FakeListener();
  old.next.resolve(fresh);
  await Promise.all([admitted, closed]);
  assert.ok(fresh.isClosed);
  await door.admitTls();
  assert.equal(door.listener, fresh);
});
