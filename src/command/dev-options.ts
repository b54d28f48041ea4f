// The arguments of `weir dev`, and the static configuration it runs with.

import { buildStatic } from "../config/load-static.ts";
import type { KubernetesVersion } from "../dev/built-in/legacy-kinds.ts";
import type { LoadedStatic } from "../config/load-static.ts";
import { parseEnvironment } from "../config/environment.ts";
import { parseFlags } from "../config/flags.ts";
import type { Runtime } from "../net/runtime.ts";

/** What `weir dev` was asked for. */
export interface DevArguments {
  readonly paths: readonly string[];
  readonly maps: readonly string[];
  readonly kubePort: number;
  readonly kubePortGiven: boolean;
  /** Whose kinds the local API serves; undefined: today's. */
  readonly kubeVersion: KubernetesVersion | undefined;
  /** The rest, which is static configuration. */
  readonly flags: readonly string[];
}

/** What a local run is about: everything else is up to the user. */
const LOCAL = [
  "--providers.kubernetescrd",
  "--providers.kubernetesingress",
  "--api.insecure",
  "--ping",
  "--log.level=INFO",
];
const kubernetesVersions: readonly KubernetesVersion[] = ["1.20", "1.26"];
const KUBE_PORT = 8001; // where `kubectl proxy` listens
const PORT = /^\d{1,5}$/;
const MAX_PORT = 65_535;

/** Takes the arguments apart: paths come first, then flags. @returns `usage`: what is wrong with them */
export function parseDevArguments(args: readonly string[]): DevArguments | { readonly usage: string } {
  const firstFlag = args.findIndex((arg) => arg.startsWith("-"));
  const paths = firstFlag === -1 ? args : args.slice(0, firstFlag);
  if (paths.length === 0) return { usage: "name a manifest file or a folder of them: weir dev k8s/" };
  const options = takeOptions(firstFlag === -1 ? [] : args.slice(firstFlag));
  if ("usage" in options) return options;
  const { maps, kubePort, flags } = options;
  const kubeVersion = kubernetesVersions.find((version) => version === options.kubeVersion);
  if (options.kubeVersion !== undefined && kubeVersion === undefined) {
    return { usage: `--kube.version must be ${kubernetesVersions.join(" or ")}, got "${options.kubeVersion}"` };
  }
  const common = { paths, maps, flags, kubeVersion };
  if (kubePort === undefined) return { ...common, kubePortGiven: false, kubePort: KUBE_PORT };
  if (!PORT.test(kubePort) || Number(kubePort) > MAX_PORT) {
    return { usage: `--kube.port must be a port from 0 to ${MAX_PORT}, got "${kubePort}"` };
  }
  return { ...common, kubePortGiven: true, kubePort: Number(kubePort) };
}

interface OwnOptions {
  readonly maps: readonly string[];
  readonly kubePort: string | undefined;
  readonly kubeVersion: string | undefined;
  readonly flags: readonly string[];
}

/** Takes the options of `weir dev` out of the flags. */
function takeOptions(args: readonly string[]): OwnOptions | { readonly usage: string } {
  const maps: string[] = [];
  const flags: string[] = [];
  let kubePort: string | undefined = undefined;
  let kubeVersion: string | undefined = undefined;
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? "";
    const [name, inline] = splitFlag(arg);
    if (name !== "--map" && name !== "--kube.port" && name !== "--kube.version") {
      flags.push(arg);
      continue;
    }
    const value = inline ?? args[++at];
    if (value === undefined) return { usage: `${name} needs a value` };
    if (name === "--map") maps.push(value);
    else if (name === "--kube.port") kubePort = value;
    else kubeVersion = value;
  }
  return { maps, kubePort, kubeVersion, flags };
}

/**
 * The static configuration: flags and variables over what a local run needs. Files of the user are not read:
 * they describe another machine.
 */
export function devConfiguration(runtime: Runtime, flags: readonly string[]): Promise<LoadedStatic> {
  const base = parseFlags(LOCAL).layer;
  const built = buildStatic([parseFlags(flags).layer, parseEnvironment(runtime.env).layer, base]);
  const { configuration } = built;
  if (configuration === undefined) return Promise.resolve({ ...built, file: undefined });
  const isDeclared = ([name]: readonly [string, unknown]): boolean =>
    built.sourceOf(["entryPoints", name]) !== undefined;
  const entryPoints = Object.fromEntries(Object.entries(configuration.entryPoints).filter(isDeclared));
  return Promise.resolve({ ...built, configuration: { ...configuration, entryPoints }, file: undefined });
}

function splitFlag(arg: string): [string, string | undefined] {
  const equals = arg.indexOf("=");
  return equals === -1 ? [arg, undefined] : [arg.slice(0, equals), arg.slice(equals + 1)];
}
