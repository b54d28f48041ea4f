// The commands of README.md, run as they stand: what it says they print is what they print.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import process from "node:process";
import { test } from "node:test";
import { ask } from "../support/ask.ts";
import { startEcho, toEchoed } from "../support/echo.ts";
import { skipWithoutKubectl } from "../support/kubectl.ts";
import { toEcho } from "../support/proxy-process.ts";
import { projectRoot } from "../support/runtimes.ts";
import { temporaryFolder } from "../support/weir.ts";

/** A shell block, and what the page says it prints. */
interface Block {
  readonly command: string;
  readonly output: string | undefined;
}

/** A command that goes on until it is stopped. */
interface Running {
  readonly ports: ReadonlyMap<string, string>;
  stop(): Promise<void>;
}

const READY = /^weir ready: (.+)$/m;
const TIMEOUT_MS = 60_000;

/** Blocks that are not run here, and why. */
const elsewhere: ReadonlyMap<string, string> = new Map([
  ["npm test", "it would run itself"],
  ["npm run bench", "it takes minutes; tests/unit/scripts/bench tests its parts"],
  ["npm run build", "it writes a binary of 100 MiB"],
]);

async function readBlocks(): Promise<readonly Block[]> {
  const page = await readFile(`${projectRoot}README.md`, "utf8");
  const blocks = page.matchAll(/^```bash\n([^]*?)^```\n(?:\n```text\n([^]*?)^```\n)?/gm);
  return [...blocks].map(([, command = "", output]) => ({ command: command.trimEnd(), output }));
}

function blockWith(blocks: readonly Block[], part: string): Block {
  const found = blocks.find(({ command }) => command.includes(part));
  assert.ok(found, `README.md has no command with ${part}`);
  return found;
}

const environment = { ...process.env, NO_COLOR: "1", KUBECONFIG: "/nonexistent", XDG_CONFIG_HOME: "/nonexistent" };

/** Runs a block to its end. @returns what it printed */
function runToEnd(command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn("bash", ["-euo", "pipefail", "-c", command], { cwd: projectRoot, env: environment });
    const output = { stdout: "", stderr: "" };
    const timer = setTimeout(() => child.kill("SIGKILL"), TIMEOUT_MS);
    child.stdout.on("data", (chunk) => output.stdout += String(chunk));
    child.stderr.on("data", (chunk) => output.stderr += String(chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(timer);
      if (code === 0) resolve(output.stdout);
      else reject(new Error(`${command}\nended with ${code}: ${output.stdout}${output.stderr}`));
    });
  });
}

/** Starts a block that goes on, and waits until it is ready; it leads a process group of its own. */
function startBlock(command: string): Promise<Running> {
  const child = spawn("bash", ["-c", command], { cwd: projectRoot, env: environment, detached: true });
  const exited = new Promise<void>((resolve) => child.on("exit", () => resolve()));
  const stop = async () => {
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, "SIGTERM");
    await exited;
  };
  return new Promise((resolve, reject) => {
    let text = "";
    const fail = (why: string) => reject(new Error(`${command}: ${why}\n${text}`));
    const timer = setTimeout(() => stop().then(() => fail("was not ready in time")), TIMEOUT_MS);
    const look = (chunk: unknown) => {
      text += String(chunk);
      const [, addresses] = READY.exec(text) ?? [];
      if (addresses === undefined) return;
      clearTimeout(timer);
      const pairs = addresses.split(" ").map((pair): [string, string] => {
        return [pair.slice(0, pair.indexOf("=")), pair.slice(pair.lastIndexOf(":") + 1)];
      });
      resolve({ ports: new Map(pairs), stop });
    };
    child.stdout.on("data", look);
    child.stderr.on("data", look);
    child.on("error", reject);
    void exited.then(() => fail("ended"));
  });
}

/** The page names the usual ports; where they are taken, weir chose others. */
function atPorts(command: string, ports: Running["ports"]): string {
  const usual = [["8000", "web"], ["8001", "kube"], ["8080", "traefik"]] as const;
  return usual.reduce(
    (text, [port, name]) => text.replaceAll(`127.0.0.1:${port}`, `127.0.0.1:${ports.get(name)}`),
    command,
  );
}

test("every command of README.md is run by a test, or said not to be", async () => {
  const blocks = await readBlocks();
  const parts = ["npm start", "curl", "kubectl", "npm run weir --", "npm run --silent weir --"];
  for (const { command } of blocks) {
    assert.ok(elsewhere.has(command) || parts.some((part) => command.includes(part)), command);
  }
  const { scripts } = JSON.parse(await readFile(`${projectRoot}package.json`, "utf8"));
  for (const command of elsewhere.keys()) {
    blockWith(blocks, command);
    assert.ok(command.replace(/^npm (?:run )?/, "") in scripts, command);
  }
});

test("npm start serves what README.md says, command by command", { skip: skipWithoutKubectl }, async () => {
  const blocks = await readBlocks();
  const weir = await startBlock(blockWith(blocks, "npm start").command);
  try {
    for (const { command, output } of blocks.filter((block) => block.command.includes("127.0.0.1:80"))) {
      const printed = await runToEnd(atPorts(command, weir.ports));
      if (output !== undefined) assert.deepEqual(toLines(printed), toLines(output), command);
      else for (const line of printed.split(/\n|(?<=[\]}])(?=[[{])/)) assert.doesNotThrow(() => JSON.parse(line), line);
    }
  } finally {
    await weir.stop();
  }
});

test("weir dev with --map starts as README.md says", async () => {
  const weir = await startBlock(blockWith(await readBlocks(), "--map").command);
  await weir.stop();
});

test("routes in a file are served as README.md says", async () => {
  const { command } = blockWith(await readBlocks(), "dynamic.yml");
  const folder = await temporaryFolder();
  const moved = command.replaceAll("dynamic.yml", `${folder.path}/dynamic.yml`)
    .replace("address=:8000", "address=127.0.0.1:0 --entrypoints.traefik.address=127.0.0.1:0");
  const weir = await startBlock(moved);
  try {
    const routers = await runToEnd(`curl -s http://127.0.0.1:${weir.ports.get("traefik")}/api/http/routers/app@file`);
    assert.equal(JSON.parse(routers).status, "enabled");
  } finally {
    await weir.stop();
    await folder.remove();
  }
});

test("the library is used as README.md says", async () => {
  const page = await readFile(`${projectRoot}README.md`, "utf8");
  const [, code = ""] = /^```ts\n([^]*?)^```$/m.exec(page) ?? [];
  const folder = await temporaryFolder();
  const echo = await startEcho();
  const program = `${projectRoot}.cache/readme-library.ts`;
  const file = await folder.write("dynamic.yml", toEcho(echo.url));
  const moved = code.replace("./src/mod.ts", "../src/mod.ts").replace("dynamic.yml", file)
    .replace("Bun.serve({ port: 8000", "const server = Bun.serve({ port: 0");
  await mkdir(`${projectRoot}.cache`, { recursive: true });
  await writeFile(program, `${moved}console.log(\`weir ready: web=127.0.0.1:\${server.port}\`);\n`);
  const running = await startBlock(`exec node_modules/.bin/bun ${program}`);
  try {
    const answer = await ask({ port: Number(running.ports.get("web")), path: "/a?b=1" });
    assert.equal(toEchoed(answer.body).url, "/a?b=1");
  } finally {
    await running.stop();
    await echo.close();
    await folder.remove();
    await rm(program);
  }
});

test("weir check prints what README.md says", async () => {
  const { command, output } = blockWith(await readBlocks(), "weir -- check");
  assert.deepEqual(toLines(await runToEnd(command)), toLines(output ?? ""));
});

test("weir config --origin prints what README.md says", async () => {
  const { command, output } = blockWith(await readBlocks(), "config --origin");
  assert.deepEqual(toLines(await runToEnd(command)), toLines(output ?? ""));
});

/** Formatters of the page take indentation off, `uniq -c` pads. */
function toLines(text: string): readonly string[] {
  return text.trimEnd().split("\n").map((line) => line.trim());
}
