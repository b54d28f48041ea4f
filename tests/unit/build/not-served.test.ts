// What weir understands and does not serve yet: its routers are closed, and it is said once.

import assert from "node:assert/strict";
import { test } from "node:test";
import { middlewareRegistry } from "../../../src/middleware/registry.ts";
import { loadBalancer } from "../service/fakes.ts";
import { middleware, router, Workshop } from "./fakes.ts";

const services = { app: loadBalancer(["http://app:80"]) };
const users = ["me:$2y$05$hash"];

test("buildRoutingTable() closes routers whose middleware is not served yet, and says so once per kind", async () => {
  const shop = new Workshop({ middlewares: middlewareRegistry });
  const names = ["a", "b", "c", "d"];
  const { status, problems } = shop.build({
    middlewares: {
      ...Object.fromEntries(names.map((name) => [name, middleware("basicAuth", { users })])),
      unused: middleware("retry", { attempts: 2 }),
    },
    routers: {
      ...Object.fromEntries(names.map((name) => [name, router(`${name}.test`, "app", { middlewares: [name] })])),
      open: router("open.test", "app"),
    },
    services,
  });
  assert.equal(await shop.ask("a.test/"), "503 Service Unavailable");
  assert.equal(await shop.ask("open.test/"), "200 app:80");
  assert.deepEqual(problems.map(({ severity, code, message }) => [severity, code, message]), [
    [
      "warning",
      "not-served-yet",
      "the middleware basicAuth is not served yet: routers that use it answer 503 (a@file, b@file, c@file and 1 more)",
    ],
    [
      "warning",
      "not-served-yet",
      "the middleware retry is not served yet: routers that use it answer 503 (unused@file)",
    ],
  ]);
  const verdicts = Object.fromEntries(status.routers.map(({ name, state, errors }) => [name, [state, ...errors]]));
  assert.deepEqual(verdicts["d@file"], ["disabled", "the middleware basicAuth is not served yet"]);
  assert.deepEqual(verdicts["open@file"], ["enabled"]);
  assert.deepEqual(
    status.middlewares.map(({ name, state, usedBy }) => [name, state, ...usedBy]),
    [...names.map((name) => [`${name}@file`, "disabled", `${name}@file`]), ["unused@file", "disabled"]],
  );
  assert.doesNotMatch(JSON.stringify([problems, shop.logger]), /\$2y/);
  shop.close();
});

test("buildRoutingTable() opens a router again once it does without the middleware", async () => {
  const shop = new Workshop({ middlewares: middlewareRegistry });
  const middlewares = { auth: middleware("basicAuth", { users }) };
  shop.build({ middlewares, routers: { r: router("a.test", "app", { middlewares: ["auth"] }) }, services });
  assert.equal(await shop.ask("a.test/"), "503 Service Unavailable");
  shop.build({ middlewares, routers: { r: router("a.test", "app") }, services });
  assert.equal(await shop.ask("a.test/"), "200 app:80");
  shop.close();
});
