// The seed documents, end to end: their manifests on `weir dev`, their curl loops, their kubectl commands.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { Agent, get } from "node:http";
import { test } from "node:test";
import { countBlocks, type DevSession, repeat, startDev } from "../support/dev-session.ts";
import { skipWithoutKubectl } from "../support/kubectl.ts";
import { projectRoot, type RuntimeCommand, threeRuntimes } from "../support/runtimes.ts";

const seeds = "fixtures/seeds";
const EFFECT_MS = 500;

async function withDev(
  runtime: RuntimeCommand,
  args: readonly string[],
  use: (session: DevSession) => Promise<void>,
): Promise<void> {
  const session = await startDev(runtime, args);
  try {
    await use(session);
  } finally {
    await session.stop();
  }
}

for (const runtime of threeRuntimes) {
  const options = { skip: skipWithoutKubectl };

  test(`seed 001 splits 1:2, sticks, and mirrors one in ten on ${runtime.name}`, options, async () => {
    await withDev(runtime, [`${seeds}/001`], async (session) => {
      const wrr = await repeat(9, () => session.curl("traefikservice-wrr.kubesre.lc"));
      const wanted = { "Hello app-v1": 1, "Hello app-v2": 2 };
      assert.deepEqual(countBlocks(wrr, 3), [wanted, wanted, wanted]);
      const sticky = (version: string) =>
        repeat(5, () => session.curl("traefikservice-cokie.kubesre.lc", "-b", `cookie=default-app-${version}-80`));
      assert.deepEqual(await sticky("v1"), Array(5).fill("Hello app-v1"));
      assert.deepEqual(await sticky("v2"), Array(5).fill("Hello app-v2"));
      const before = await logLines(session, "app=app-v2");
      const copied = await repeat(100, () => session.curl("traefikservice-copy.kubesre.lc"));
      assert.deepEqual([...new Set(copied)], ["Hello app-v1"]);
      await session.weir.waitFor(/weir ready/);
      assert.equal(await settled(() => logLines(session, "app=app-v2"), before + 10), before + 10);
    });
  });

  test(`seed 001 sets a cookie that keeps a client on its app on ${runtime.name}`, options, async () => {
    await withDev(runtime, [`${seeds}/001`], async (session) => {
      const first = await session.curl("traefikservice-cokie.kubesre.lc", "-i");
      const [, cookie = ""] = /^Set-Cookie: (cookie=[0-9a-f]{16}); Path=\/\r$/m.exec(first) ?? [];
      assert.notEqual(cookie, "");
      const [, app = ""] = /(Hello app-v\d)/.exec(first) ?? [];
      const answers = await repeat(6, () => session.curl("traefikservice-cokie.kubesre.lc", "-b", cookie));
      assert.deepEqual([...new Set(answers)], [app]);
    });
  });

  test(
    `a weight that kubectl changes takes effect within ${EFFECT_MS} ms under load on ${runtime.name}`,
    options,
    async () => {
      await withDev(runtime, [`${seeds}/001`], async (session) => {
        const load = startLoad(session.weir.port("web"), "traefikservice-wrr.kubesre.lc");
        const manifest = await readFile(`${projectRoot}${seeds}/001/app-traefikService-ingressroute-wrr.yaml`, "utf8");
        const changed = manifest.replace(/weight: 1\b/, "weight: 3").replace(/weight: 2\b/, "weight: 1");
        assert.notEqual(changed, manifest);
        await load.until(200);
        await session.kubectl.ok(["apply", "-f", "-"], changed);
        const appliedAt = performance.now();
        await load.untilTime(appliedAt + EFFECT_MS);
        const seen = load.count();
        await load.until(seen + 40);
        const { answers, failures } = await load.stop();
        assert.deepEqual(failures, []);
        const after = answers.slice(seen, seen + 40);
        for (const block of countBlocks(after, 4)) assert.deepEqual(block, { "Hello app-v1": 3, "Hello app-v2": 1 });
      });
    },
  );

  test(`kubectl delete takes a route away and apply brings it back on ${runtime.name}`, options, async () => {
    await withDev(runtime, [`${seeds}/001`], async (session) => {
      const file = `${projectRoot}${seeds}/001/app-traefikService-ingressroute-wrr.yaml`;
      const status = () => session.curl("traefikservice-wrr.kubesre.lc", "-o", "/dev/null", "-w", "%{http_code}");
      assert.equal(await status(), "200");
      await session.kubectl.ok(["delete", "-f", file]);
      assert.equal(await settled(status, "404"), "404");
      await session.kubectl.ok(["apply", "-f", file]);
      assert.equal(await settled(status, "200"), "200");
    });
  });

  test(`seed 000 refuses its percent and serves everything else on ${runtime.name}`, options, async () => {
    await withDev(runtime, [`${seeds}/000`], async (session) => {
      const lines = (await readFile(`${projectRoot}${seeds}/000/mirror.yaml`, "utf8")).split("\n");
      const line = lines.findIndex((text) => /^ +percent: 10,$/.test(text)) + 1;
      const column = (lines[line - 1] ?? "").indexOf("10,") + 1;
      const output = session.weir.output();
      assert.match(output, new RegExp(`mirror\\.yaml:${line}:${column}`));
      assert.match(output, /"10,"/);
      assert.match(output, /integer|whole number/);
      assert.match(output, /help: did you mean 10,/);
      const answers = await repeat(3, () => session.curl("myapp.test.com"));
      for (const answer of answers) assert.match(answer, /^Hello MyApp \| Version: v[12] \| /);
    });
  });

  test(`seed 000 sticks to a plain cookie on ${runtime.name}`, options, async () => {
    await withDev(runtime, [`${seeds}/000/apps.yaml`, `${seeds}/000/sticky.yaml`], async (session) => {
      for (const version of ["v1", "v2"]) {
        const cookie = `test-cookie=default-myapp${version.slice(1)}-80`;
        const answers = await repeat(5, () => session.curl("myapp.test.com", "-b", cookie));
        for (const answer of answers) assert.match(answer, new RegExp(`^Hello MyApp \\| Version: ${version} \\| `));
      }
    });
  });

  test(`seed 002 splits 3:1 and mirrors half on ${runtime.name}`, options, async () => {
    await withDev(runtime, [`${seeds}/002`], async (session) => {
      const answers = await repeat(8, () => session.curl("wrr.xinn.cc"));
      const apps = answers.map((answer) => /appv[12]/.exec(answer)?.[0] ?? answer);
      assert.deepEqual(countBlocks(apps, 4), [{ appv1: 3, appv2: 1 }, { appv1: 3, appv2: 1 }]);
      const before = await logLines(session, "app=v2");
      await repeat(10, () => session.curl("mirror.xinn.cc"));
      assert.equal(await settled(() => logLines(session, "app=v2"), before + 5), before + 5);
    });
  });
}

async function logLines(session: DevSession, selector: string): Promise<number> {
  const text = await session.kubectl.ok(["logs", "--tail=-1", "-l", selector]);
  return text.split("\n").filter((line) => line !== "").length;
}

/** Asks again and again until the answer is the wanted one, for a bounded time. @returns the last answer */
async function settled<T>(ask: () => Promise<T>, wanted: T): Promise<T> {
  const end = performance.now() + 5_000;
  let answer = await ask();
  while (answer !== wanted && performance.now() < end) answer = await ask();
  return answer;
}

/** A client that asks one request after the other on one connection, and remembers what it got. */
function startLoad(port: number, host: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const answers: string[] = [];
  const failures: string[] = [];
  let running = true;
  const ask = (): Promise<void> =>
    new Promise((resolve) => {
      const request = get({ port, host: "127.0.0.1", headers: { Host: host }, agent }, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => text += chunk);
        response.on("end", () => {
          if (response.statusCode !== 200) failures.push(`${response.statusCode} ${text}`);
          answers.push(text.trimEnd());
          resolve();
        });
      });
      request.on("error", (error) => {
        failures.push(String(error));
        resolve();
      });
    });
  const loop = (async () => {
    while (running) await ask();
  })();
  const until = async (done: () => boolean): Promise<void> => {
    while (!done()) await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    count: () => answers.length,
    until: (count: number) => until(() => answers.length >= count),
    untilTime: (time: number) => until(() => performance.now() >= time),
    async stop() {
      running = false;
      await loop;
      agent.destroy();
      return { answers, failures };
    },
  };
}
