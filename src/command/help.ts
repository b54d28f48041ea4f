// `weir help`: the sub-commands, and every option out of the schema.

import { flagTable } from "../config/flag-table.ts";

const usage = `weir: a Traefik-compatible edge proxy for Kubernetes, on Bun, Deno and Node.

Usage:
  weir [flags]                    run the proxy
  weir dev PATH… [--map SERVICE=HOST:PORT]… [--kube.port N] [flags]
                                  run manifests on this machine, with no cluster
  weir config [--origin] [flags]  show the configuration in force, and who set what
  weir healthcheck [flags]        ask a running weir's /ping
  weir version                    print versions
  weir help                       this text

Options come from flags, from variables (WEIR_LOG_LEVEL, TRAEFIK_LOG_LEVEL) and from a file
(traefik.yml, traefik.toml, weir.yml, weir.toml in /etc/traefik, $XDG_CONFIG_HOME, $HOME/.config or here).
Flags win over variables, variables over the file.

Flags:
`;

/** The whole text. */
export function helpText(): string {
  const rows = flagTable().map(({ name, type, defaultValue, description, effective }) => {
    const value = defaultValue === "" ? "" : ` (default ${defaultValue})`;
    return `  --${name}  ${type}${value}\n      ${description}${effective ? "" : " Accepted, without effect yet."}\n`;
  });
  return usage + rows.join("");
}
