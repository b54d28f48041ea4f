// `weir check PATH… [options] [flags]`: what is wrong with manifests and configuration files, without running them.

import { checkInputs } from "../check/check.ts";
import { readInputs, STDIN } from "../check/input.ts";
import { formatReport, isFailure, type ReportFormat, reportFormats } from "../check/report.ts";
import { parseFlags } from "../config/flags.ts";
import type { Runtime } from "../net/runtime.ts";
import { VERSION } from "../version.ts";
import { exitCode, tellProblems } from "./command.ts";

const help = `Usage: weir check PATH… [options] [flags of weir]

Says what is wrong with Kubernetes manifests and configuration files, without running anything.
A PATH is a file, a folder (with everything below it), or - for standard input. What a document is, its
content tells: apiVersion and kind make it a manifest; http, tcp, udp or tls a file of the file provider;
entryPoints, providers and the like start-up options. All files are checked together.

  --format FORMAT     ${reportFormats.join(", ")}; default: text
  --namespace NAME    of objects that name none; default: default
  --strict            fail for warnings, too
  --quiet             show errors only, and no summary

The flags of the real start may follow: --providers.kubernetescrd.allowCrossNamespace,
--entrypoints.web.address=:80, --configfile=traefik.yml, …

Exit codes: 0 nothing wrong, or warnings only; 1 something is wrong; 2 wrong usage, or a path that can't be read.
`;

const SWITCHES: ReadonlySet<string> = new Set(["--strict", "--quiet"]);
const VALUES: ReadonlySet<string> = new Set(["--format", "--namespace"]);

/** What was asked for. */
interface CheckArguments {
  readonly paths: readonly string[];
  readonly format: ReportFormat;
  readonly namespace: string;
  readonly isStrict: boolean;
  readonly isQuiet: boolean;
  /** The rest, which is the start's. */
  readonly flags: readonly string[];
}

/** Checks files. @returns the exit code */
export async function runCheck(runtime: Runtime, args: readonly string[]): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    runtime.stdout(help);
    return exitCode.ok;
  }
  const wanted = readArguments(args);
  if ("usage" in wanted) return refuse(runtime, wanted.usage);
  const { layer, configFile } = parseFlags(wanted.flags);
  const badFlags = layer.problems.filter(({ severity }) => severity === "error");
  if (badFlags.length > 0) {
    await tellProblems(runtime, badFlags);
    return exitCode.usage;
  }
  const paths = configFile === undefined ? wanted.paths : [...wanted.paths, configFile];
  const { inputs, failures } = await readInputs(runtime, paths);
  for (const failure of failures) runtime.stderr(`weir check: ${failure}\n`);
  if (failures.length > 0) return exitCode.usage;
  const report = checkInputs(inputs, { runtime, flags: wanted.flags, namespace: wanted.namespace });
  const color = runtime.isTerminal && (runtime.env["NO_COLOR"] ?? "") === "";
  runtime.stdout(formatReport(report, { ...wanted, color, version: VERSION, inputs }));
  return isFailure(report, wanted) ? exitCode.failed : exitCode.ok;
}

function refuse(runtime: Runtime, reason: string): number {
  runtime.stderr(`weir check: ${reason}\n\n${help}`);
  return exitCode.usage;
}

/** Paths and options of its own stand anywhere, until the first flag of the start; its values may look like paths. */
function readArguments(args: readonly string[]): CheckArguments | { readonly usage: string } {
  const paths: string[] = [];
  const values = new Map<string, string>();
  const flags: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? "";
    const [name, inline] = splitOnce(arg);
    if (SWITCHES.has(name)) values.set(name, inline ?? "true");
    else if (VALUES.has(name)) values.set(name, inline ?? args[++at] ?? "");
    else if (flags.length === 0 && isPath(arg)) paths.push(arg);
    else flags.push(arg);
  }
  if (paths.length === 0) return { usage: "name a file or a folder: weir check k8s/" };
  return withValues(paths, values, flags);
}

function withValues(
  paths: readonly string[],
  values: ReadonlyMap<string, string>,
  flags: readonly string[],
): CheckArguments | { readonly usage: string } {
  const { "--format": given = "text", "--namespace": namespace = "default" } = Object.fromEntries(values);
  const format = reportFormats.find((each) => each === given);
  if (format === undefined) {
    return { usage: `--format must be one of ${reportFormats.join(", ")}, got ${JSON.stringify(given)}` };
  }
  if (namespace === "") return { usage: "--namespace needs a value" };
  const isOn = (name: string): boolean => (values.get(name) ?? "false") !== "false";
  return { paths, format, namespace, flags, isStrict: isOn("--strict"), isQuiet: isOn("--quiet") };
}

function isPath(arg: string): boolean {
  return arg === STDIN || !arg.startsWith("-");
}

function splitOnce(arg: string): [string, string | undefined] {
  const equals = arg.indexOf("=");
  return equals === -1 ? [arg, undefined] : [arg.slice(0, equals), arg.slice(equals + 1)];
}
