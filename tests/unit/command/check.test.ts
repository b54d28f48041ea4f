// The arguments of `weir check`: what is refused, and what is read.

import { runtime } from "#runtime";
import assert from "node:assert/strict";
import { test } from "node:test";
import { runCheck } from "../../../src/command/check.ts";

const files: Readonly<Record<string, string>> = {
  "k8s/a.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: 80}], typ: ClusterIP}\n",
  "k8s/.git/b.yaml": "a: [",
  "k8s/notes.md": "a: [",
  "k8s/package.json": '{"name": "a"}',
  "odd.txt": "entryPoints: {web: {adress: ':80'}}",
  "start.toml": "[entryPoints.web]\naddress = ':80'\n",
};

/** Runs the command on these files. */
async function run(args: readonly string[], stdin = ""): Promise<{ code: number; stdout: string; stderr: string }> {
  const output = { stdout: "", stderr: "" };
  const missing = (path: string) => Object.assign(new Error(path), { code: "ENOENT" });
  const fake = {
    ...runtime,
    env: {},
    isTerminal: false,
    readStdin: () => Promise.resolve(stdin),
    files: {
      ...runtime.files,
      readText: (path: string) => Promise.resolve(files[path] ?? ""),
      list: (path: string) => {
        const found = Object.keys(files).filter((file) => file === path || file.startsWith(`${path}/`));
        return found.length === 0 ? Promise.reject(missing(path)) : Promise.resolve(found);
      },
    },
    stdout: (text: string) => void (output.stdout += text),
    stderr: (text: string) => void (output.stderr += text),
  };
  return { code: await runCheck(fake, args), ...output };
}

const found = 'error[unknown-field]: unknown field "typ"\n --> k8s/a.yaml:4:29, Service default/a (spec.typ)';

const answers: readonly (readonly [args: string, code: number, stdout: RegExp])[] = [
  ["--help", 0, /^Usage: weir check PATH/],
  ["start.toml -h", 0, /^Usage: weir check PATH/],
  ["start.toml", 0, /^nothing is wrong \(1 file\)\n$/],
  ["start.toml --quiet", 0, /^$/],
  ["odd.txt", 1, /unknown field "adress"\n --> odd\.txt:1:21/],
  ["./k8s//", 1, /\n1 error \(2 files, 1 object\)\n$/],
  ["k8s --format=github", 1, /^::error file=k8s\/a\.yaml,line=4,col=29,title=unknown-field::/],
  ["--format json k8s", 1, /^\{\n {2}"findings": \[/],
  ["k8s --entrypoints.web.address=:80 --format sarif", 1, /"version": "2\.1\.0"/],
];

for (const [args, code, stdout] of answers) {
  test(`runCheck() takes ${args}`, async () => {
    const got = await run(args.split(" "));
    assert.match(got.stdout, stdout);
    assert.deepEqual([got.code, got.stderr], [code, ""]);
  });
}

const refusals: readonly (readonly [args: string, stderr: RegExp])[] = [
  ["--strict", /^weir check: name a file or a folder: weir check k8s\/\n\nUsage:/],
  ["k8s --format xml", /^weir check: --format must be one of text, json, sarif, github, got "xml"\n/],
  ["k8s --format", /^weir check: --format must be one of text, json, sarif, github, got ""\n/],
  ["k8s --namespace=", /^weir check: --namespace needs a value\n/],
  ["k8s none", /^weir check: can't read "none": there is no such file or folder\n$/],
  ["k8s --providers.kubernetescrd.alowCrossNamespace", /^error: unknown flag[^]*did you mean/],
  ["k8s --configfile=none.toml", /^weir check: can't read "none\.toml": there is no such file or folder\n$/],
];

for (const [args, stderr] of refusals) {
  test(`runCheck() refuses ${args}`, async () => {
    const got = await run(args.split(" "));
    assert.match(got.stderr, stderr);
    assert.deepEqual([got.code, got.stdout], [2, ""]);
  });
}

test("runCheck() reads standard input, and shows the line", async () => {
  const got = await run(["-", "--namespace", "shop"], files["k8s/a.yaml"]);
  assert.equal(got.code, 1);
  assert.ok(got.stdout.startsWith(found.replace("k8s/a.yaml", "<stdin>").replace("default/", "shop/")), got.stdout);
  assert.match(got.stdout, /\n4 \| spec: \{ports: \[\{port: 80\}\], typ: ClusterIP\}\n {2}\| {29}\^\n/);
});

test("runCheck() fails for warnings when they count", async () => {
  const document = "jobs: {}\n";
  assert.deepEqual([(await run(["-"], document)).code, (await run(["-", "--strict"], document)).code], [0, 1]);
});

test("runCheck() leaves out what folders hold for others", async () => {
  const got = await run(["k8s", "--format", "json"]);
  assert.deepEqual(JSON.parse(got.stdout).summary, {
    errors: 1,
    warnings: 0,
    files: 2,
    documents: 2,
    objects: 1,
    skippedObjects: 0,
  });
});
