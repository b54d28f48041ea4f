// Unit tests of what echo backends answer.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createEcho } from "../../../../src/dev/cluster/echo.ts";
import { BytesBody, readWhole } from "../../../../src/http/body.ts";
import { HeaderList } from "../../../../src/http/header-list.ts";
import { ProxyRequest } from "../../../../src/http/request.ts";

const identity = { pod: "app-1", workload: "app" };

function request(path: string, ...headers: [string, string][]): ProxyRequest {
  return new ProxyRequest({
    method: "GET",
    scheme: "http",
    authority: "a.test",
    rawTarget: path,
    path,
    search: "",
    protocol: "HTTP/1.1",
    headers: HeaderList.of(["Host", "a.test"], ...headers),
    body: undefined,
    remote: { ip: "10.0.0.9", port: 5000 },
    local: { ip: "127.0.0.1", port: 80 },
    entryPoint: "",
    tls: undefined,
    startedAt: 0,
  });
}

async function page(container: object, ask: ProxyRequest): Promise<string> {
  const response = await createEcho(container, identity, () => undefined)(ask);
  const bytes = response.body === undefined ? undefined : await readWhole(response.body, 10_000);
  return new TextDecoder().decode(bytes);
}

const postStart = (text: string) => ({
  image: "nginx",
  lifecycle: { postStart: { exec: { command: ["/bin/sh", "-c", text] } } },
});

test("createEcho() answers what the container says it would", async () => {
  const rows: [object, string, string][] = [
    [postStart("echo Hello app-v1 > /usr/share/nginx/html/index.html"), "/", "Hello app-v1\n"],
    [postStart('echo "two words" >/srv/index.html'), "/index.html", "two words\n"],
    [{ image: "nginx", command: ["sh", "-c"], args: ["echo hi > /www/index.html && nginx"] }, "/", "hi\n"],
    [{ image: "ikubernetes/myapp:v1" }, "/", 'Hello MyApp | Version: v1 | <a href="hostname.html">Pod Name</a>\n'],
    [
      { image: "registry.test:5000/ikubernetes/myapp" },
      "/",
      'Hello MyApp | Version: latest | <a href="hostname.html">Pod Name</a>\n',
    ],
    [{ image: "ikubernetes/myapp:v1" }, "/hostname.html", "app-1\n"],
  ];
  for (const [container, path, text] of rows) assert.equal(await page(container, request(path)), text);
});

test("createEcho() answers in whoami's text format otherwise", async () => {
  const ask = request("/x", ["x-b", "2"], ["x-a", "1"], ["user-agent", "curl"]);
  const wanted =
    "Name: app\nHostname: app-1\nIP: 127.0.0.1\nRemoteAddr: 10.0.0.9:5000\nGET /x HTTP/1.1\nHost: a.test\n" +
    "User-Agent: curl\nX-A: 1\nX-B: 2\n\n";
  assert.equal(await page({ image: "traefik/whoami" }, ask), wanted);
  assert.equal(await page(postStart("echo hi > /www/index.html"), ask), wanted);
});

test("createEcho() reads a body before it answers, and logs one line per request", async () => {
  const lines: string[] = [];
  const handler = createEcho({ image: "x" }, identity, ({ text }) => lines.push(text));
  const ask = request('/"q', ["x-forwarded-for", "1.1.1.1"]);
  ask.method = "POST";
  ask.body = new BytesBody(new TextEncoder().encode("hello"));
  const response = await handler(ask);
  assert.equal(ask.body.used, true);
  assert.match(lines[0] ?? "", /^10\.0\.0\.9 - - \[.*\] "POST \/\\x22q HTTP\/1\.1" 200 \d+ "-" "-" "1\.1\.1\.1"$/);
  assert.equal(response.status, 200);
});

test("createEcho() tells HEAD the length that GET would have", async () => {
  const handler = createEcho({ image: "ikubernetes/myapp:v1" }, identity, () => undefined);
  const ask = request("/hostname.html");
  ask.method = "HEAD";
  assert.equal((await handler(ask)).headers.get("content-length"), "6");
});
