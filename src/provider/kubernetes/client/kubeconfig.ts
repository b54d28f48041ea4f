// kubeconfig files: found, merged (the first that says something wins), and reduced to the current context.

import type { Files } from "../../../net/runtime.ts";
import { isRecord } from "../store/object.ts";
import { parse, YamlError } from "#yaml";
import { KubeError, misconfigured } from "./kube-error.ts";
import { atField, type Entry, type KubeconfigParts } from "./kubeconfig-entry.ts";
import { toTarget } from "./kubeconfig-target.ts";
import type { Target } from "./target.ts";

type Section = "clusters" | "users" | "contexts";

const MEMBER: Readonly<Record<Section, string>> = { clusters: "cluster", users: "user", contexts: "context" };

interface Merged {
  readonly clusters: Map<string, Entry>;
  readonly users: Map<string, Entry>;
  readonly contexts: Map<string, Entry>;
  current: string;
  readonly files: string[];
}

/**
 * @param paths as KUBECONFIG has them, separated by colons; of several, those that are missing are passed over
 * @throws {KubeError} `misconfigured`, naming the file and the field
 */
export async function readKubeconfig(paths: string, files: Pick<Files, "readText">): Promise<Target> {
  const merged: Merged = { clusters: new Map(), users: new Map(), contexts: new Map(), current: "", files: [] };
  const names = paths.split(":").filter((path) => path !== "");
  let missing: KubeError | undefined;
  for (const file of names) {
    try {
      const text = await readFile(file, files);
      merge(merged, parseFile(text, file), file);
    } catch (error) {
      if (!(error instanceof KubeError) || error.problem?.code !== "kube-config-missing") throw error;
      missing ??= error;
    }
  }
  if (merged.files.length === 0 && missing !== undefined) throw missing;
  return toTarget(currentParts(merged));
}

async function readFile(file: string, files: Pick<Files, "readText">): Promise<string> {
  try {
    return await files.readText(file);
  } catch (cause) {
    const isMissing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    throw misconfigured({
      severity: "error",
      code: isMissing ? "kube-config-missing" : "kube-config-unreadable",
      message: `the kubeconfig ${JSON.stringify(file)} can't be read: ${
        isMissing ? "there is no such file" : textOf(cause)
      }`,
      hint: "KUBECONFIG names it",
    }, cause);
  }
}

function parseFile(text: string, file: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = parse(text);
  } catch (cause) {
    const place = cause instanceof YamlError ? { line: cause.line, column: cause.column } : {};
    throw misconfigured({
      severity: "error",
      code: "kube-config-syntax",
      message: `the kubeconfig is not YAML: ${cause instanceof YamlError ? cause.reason : textOf(cause)}`,
      source: { type: "file", file, ...place },
    }, cause);
  }
  if (value === null) return {};
  if (isRecord(value)) return value;
  throw atField(file, [], "the kubeconfig is no mapping");
}

function merge(merged: Merged, config: Readonly<Record<string, unknown>>, file: string): void {
  merged.files.push(file);
  const current = config["current-context"];
  if (merged.current === "" && typeof current === "string") merged.current = current;
  for (const section of ["clusters", "users", "contexts"] as const) {
    const entries = config[section] ?? [];
    if (!Array.isArray(entries)) throw atField(file, [section], `${section} is no list`);
    for (const [index, entry] of entries.entries()) {
      const name: unknown = isRecord(entry) ? entry["name"] : undefined;
      if (!isRecord(entry) || typeof name !== "string") {
        throw atField(file, [section, index], `an entry of ${section} has no name`);
      }
      const member = MEMBER[section];
      const found = { value: entry[member], file, path: [section, index, member] };
      if (!merged[section].has(name)) merged[section].set(name, found);
    }
  }
}

function currentParts(merged: Merged): KubeconfigParts {
  const [first = ""] = merged.files;
  if (merged.current === "") {
    const known = [...merged.contexts.keys()].map((name) => JSON.stringify(name)).join(", ");
    throw atField(first, ["current-context"], "the kubeconfig has no current-context", {
      ...(known !== "" && { hint: `set it to one of ${known}` }),
    });
  }
  const context = pick(merged, "contexts", merged.current, { file: first, path: ["current-context"] });
  const { value, file, path } = context;
  if (!isRecord(value) || typeof value["cluster"] !== "string") {
    throw atField(file, [...path, "cluster"], `the context ${JSON.stringify(merged.current)} names no cluster`);
  }
  const [user, namespace] = [value["user"] ?? "", value["namespace"] ?? ""];
  if (typeof user !== "string") throw atField(file, [...path, "user"], "the name of a user is no text");
  if (typeof namespace !== "string") throw atField(file, [...path, "namespace"], "the name of a namespace is no text");
  return {
    cluster: pick(merged, "clusters", value["cluster"], { file, path: [...path, "cluster"] }),
    user: user === "" ? undefined : pick(merged, "users", user, { file, path: [...path, "user"] }),
    namespace,
  };
}

function pick(merged: Merged, section: Section, name: string, from: Omit<Entry, "value">): Entry {
  const found = merged[section].get(name);
  if (found !== undefined) return found;
  const known = [...merged[section].keys()].map((each) => JSON.stringify(each)).join(", ");
  throw atField(from.file, from.path, `there is no ${MEMBER[section]} named ${JSON.stringify(name)}`, {
    ...(known !== "" && { hint: `known: ${known}` }),
  });
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
