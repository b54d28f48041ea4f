// `weir help`: the sub-commands, and every option out of the schema.

import { flagTable } from "../config/flag-table.ts";

/** The ways to call weir. */
export const usage = `Usage:
  weir [run] [flags]              run the proxy
  weir dev PATH… [--map SERVICE=HOST:PORT]… [--kube.port N] [--kube.version 1.20|1.26] [flags]
                                  run manifests on this machine, with no cluster
  weir check PATH… [options] [flags]
                                  say what is wrong with manifests and files; --help explains
  weir config [--origin] [flags]  show the configuration in force, and who set what
  weir healthcheck [flags]        ask a running weir's /ping
  weir crds [options]             print the CustomResourceDefinitions; --help explains
  weir rbac [options]             print the roles weir needs in a cluster; --help explains
  weir version                    print versions
  weir help                       print this, and all flags
`;

const introduction = "weir: a Traefik-compatible edge proxy for Kubernetes, on Bun, Deno and Node.\n\n";

const sources = `
Options come from flags, from variables (WEIR_LOG_LEVEL, TRAEFIK_LOG_LEVEL) and from a file
(traefik.yml, traefik.toml, weir.yml, weir.toml in /etc/traefik, $XDG_CONFIG_HOME, $HOME/.config or here).
Flags win over variables, variables over the file.

Flags:
`;

/** The whole text. */
export function helpText(): string {
  const rows = flagTable().map(({ name, type, defaultValue, description, effective }) => {
    const value = defaultValue === "" ? "" : ` (default ${defaultValue})`;
    const note = effective || description.startsWith("Accepted") ? "" : " Accepted, without effect yet.";
    return `  --${name}  ${type}${value}\n      ${description}${note}\n`;
  });
  return introduction + usage + sources + rows.join("");
}
