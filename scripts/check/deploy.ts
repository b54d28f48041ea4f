// Compares what weir generates in deploy/ with what `weir crds` and `weir rbac` print.
//
//   node_modules/node24/bin/node scripts/check/deploy.ts            compares
//   node_modules/node24/bin/node scripts/check/deploy.ts --write    rewrites the files

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { weirDefinitions } from "../../src/command/crds.ts";
import { toManifestText } from "../../src/provider/kubernetes/definition/manifest-text.ts";
import { rbacManifests } from "../../src/provider/kubernetes/definition/rbac.ts";

const folder = fileURLToPath(new URL("../../deploy/common", import.meta.url));

const generated: Readonly<Record<string, { readonly command: string; readonly text: string }>> = {
  "crds.yaml": { command: "weir crds", text: toManifestText(weirDefinitions()) },
  "rbac.yaml": {
    command: "weir rbac",
    text: rbacManifests({ name: "weir", namespace: "weir", namespaces: [], secrets: undefined }),
  },
};

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(join(folder, file), "utf8");
  } catch {
    return undefined; // not written yet
  }
}

for (const [file, { command, text }] of Object.entries(generated)) {
  const wanted = `# Written by scripts/check/deploy.ts --write: what \`${command}\` prints.\n${text}`;
  if (process.argv.includes("--write")) writeFileSync(join(folder, file), wanted);
  if (contentOf(file) === wanted) continue;
  console.error(`deploy/common/${file} differs from what \`${command}\` prints`);
  console.error("  help: node_modules/node24/bin/node scripts/check/deploy.ts --write");
  process.exitCode = 1;
}
