// The routers weir makes itself: where they are, and where redirections lead.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createInternalProvider, redirectServices } from "../../../src/control/internal-provider.ts";
import { staticSchema } from "../../../src/config/static.ts";
import type { HttpRouter } from "../../../src/config/dynamic.ts";
import { HeaderList } from "../../../src/http/header-list.ts";
import { ProxyRequest } from "../../../src/http/request.ts";

type Options = Record<string, unknown>;

function routersOf(options: Options): Readonly<Record<string, HttpRouter>> {
  let routers: Readonly<Record<string, HttpRouter>> = {};
  createInternalProvider(staticSchema.parse(options)).start(({ configuration }) =>
    routers = configuration.http.routers
  );
  return routers;
}

/** `entry point service path` of each. */
function summary(options: Options): Record<string, string> {
  return Object.fromEntries(
    Object.entries(routersOf(options)).map(([key, { entryPoints, service, rule }]) => {
      const path = typeof rule !== "string" && rule.type === "matcher" ? rule.args[0] : "?";
      return [key, `${entryPoints?.join()} ${service} ${path}`];
    }),
  );
}

const cases: readonly (readonly [title: string, options: Options, routers: Record<string, string>])[] = [
  ["nothing by itself", {}, {}],
  ["nothing for an API that has no entry point of its own", { api: {} }, {}],
  ["the API and the dashboard", { api: { insecure: true } }, {
    api: "traefik api@internal /api",
    dashboard: "traefik dashboard@internal /",
  }],
  ["the API below a base path, without dashboard", { api: { insecure: true, dashboard: false, basePath: "/base/" } }, {
    api: "traefik api@internal /base/api",
  }],
  ["ping and metrics where they are wanted", {
    ping: { entryPoint: "web" },
    metrics: { prometheus: { entryPoint: "m" } },
  }, {
    ping: "web ping@internal /ping",
    prometheus: "m prometheus@internal /metrics",
  }],
  ["nothing that is routed by hand", {
    ping: { manualRouting: true },
    metrics: { prometheus: { manualRouting: true } },
  }, {}],
];

for (const [title, options, routers] of cases) {
  test(`createInternalProvider() provides ${title}`, () => assert.deepEqual(summary(options), routers));
}

test("createInternalProvider() puts ping before the API, and the API before the dashboard", () => {
  const { ping, api, dashboard } = routersOf({ api: { insecure: true }, ping: {} });
  assert.ok((ping?.priority ?? 0) > (api?.priority ?? 0) && (api?.priority ?? 0) > (dashboard?.priority ?? 0));
});

function redirected(to: Options, method: string, url: string): string {
  const config = staticSchema.parse({
    entryPoints: {
      web: { address: ":80", http: { redirections: { entryPoint: to } } },
      websecure: { address: ":443" },
      alternative: { address: "[::]:8443" },
    },
  });
  const [redirection] = Object.values(routersOf({ entryPoints: config.entryPoints }));
  const handler = new Map(redirectServices(config)).get(redirection?.service ?? "");
  assert.ok(handler !== undefined);
  const { host, pathname, search } = new URL(url);
  const answer = handler(
    new ProxyRequest({
      ...{ method, scheme: "http", authority: host, rawTarget: pathname, path: pathname, search },
      ...{ protocol: "HTTP/1.1", headers: new HeaderList(), body: undefined, entryPoint: "web", tls: undefined },
      ...{ remote: { ip: "::1", port: 1 }, local: { ip: "::1", port: 80 }, startedAt: 0 },
    }),
  );
  assert.ok(!(answer instanceof Promise));
  return `${answer.status} ${answer.headers.first("location")}`;
}

const redirections: readonly (readonly [to: Options, method: string, url: string, answer: string])[] = [
  [{ to: "websecure" }, "GET", "http://a.test/x?y=1", "301 https://a.test/x?y=1"],
  [{ to: "websecure", permanent: false }, "GET", "http://a.test:8080/", "302 https://a.test/"],
  [{ to: "websecure" }, "POST", "http://a.test/", "308 https://a.test/"],
  [{ to: "websecure", permanent: false }, "PUT", "http://a.test/", "307 https://a.test/"],
  [{ to: "alternative" }, "GET", "http://a.test/", "301 https://a.test:8443/"],
  [{ to: ":9443" }, "GET", "http://[::1]:80/", "301 https://[::1]:9443/"],
  [{ to: "websecure", scheme: "http" }, "GET", "http://a.test/", "301 http://a.test:443/"],
];

for (const [to, method, url, answer] of redirections) {
  test(`redirectServices() leads ${method} ${url} to ${answer} for ${JSON.stringify(to)}`, () => {
    assert.equal(redirected(to, method, url), answer);
  });
}
