// `weir crds [--group GROUP]… [--version v1]`: the CustomResourceDefinitions of all kinds, as YAML.

import { middlewareSchemas } from "../middleware/schemas.ts";
import { tcpMiddlewareSchemas } from "../middleware/tcp/schemas.ts";
import type { Runtime } from "../net/runtime.ts";
import { type Definition, traefikDefinitions } from "../provider/kubernetes/definition/definitions.ts";
import { toManifestText } from "../provider/kubernetes/definition/manifest-text.ts";
import { type TraefikGroup, traefikGroups } from "../provider/kubernetes/traefik-group.ts";
import { readOptions } from "./arguments.ts";
import { exitCode } from "./command.ts";

const help = `Usage: weir crds [--group GROUP]… [--version v1]

Prints the CustomResourceDefinitions of Traefik's kinds, for kubectl apply -f -.

  --group GROUP  only this API group: ${traefikGroups.join(" or ")}; default: both
  --version v1   the version of apiextensions.k8s.io to write; v1 is the only one
`;

const rules = {
  group: { list: true, wanted: { pattern: groupPattern(), text: traefikGroups.join(" or ") } },
  version: { wanted: { pattern: /^v1$/, text: "v1" } },
} as const;

/** The definitions of all kinds, with every middleware there is. @param groups default: both */
export function weirDefinitions(groups: readonly TraefikGroup[] = traefikGroups): readonly Definition[] {
  return traefikDefinitions({ http: middlewareSchemas, tcp: tcpMiddlewareSchemas }, groups);
}

/** Prints the definitions. @returns the exit code */
export function printDefinitions(runtime: Runtime, args: readonly string[]): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    runtime.stdout(help);
    return Promise.resolve(exitCode.ok);
  }
  const options = readOptions(args, rules);
  if ("usage" in options) {
    runtime.stderr(`weir crds: ${options.usage}\n\n${help}`);
    return Promise.resolve(exitCode.usage);
  }
  const wanted = options.get("group") ?? traefikGroups;
  const groups = traefikGroups.filter((group) => wanted.includes(group));
  runtime.stdout(toManifestText(weirDefinitions(groups)));
  return Promise.resolve(exitCode.ok);
}

function groupPattern(): RegExp {
  return new RegExp(`^(?:${traefikGroups.map((group) => group.replaceAll(".", "\\.")).join("|")})$`);
}
