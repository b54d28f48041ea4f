// `weir rbac [options]`: the service account and the roles weir needs, as YAML with the reason for each rule.

import type { Runtime } from "../net/runtime.ts";
import { rbacManifests } from "../provider/kubernetes/definition/rbac.ts";
import { readOptions } from "./arguments.ts";
import { exitCode } from "./command.ts";

const help = `Usage: weir rbac [--name NAME] [--namespace NS] [--namespaces NS,…] [--secrets [NS/]NAME,…]
                 [--leases NAME,…]

Prints a ServiceAccount, the roles that weir needs, and their bindings, for kubectl apply -f -.

  --name NAME           of the service account, and of the roles; default: weir
  --namespace NS        where weir runs; default: weir
  --namespaces NS,…     the namespaces weir reads: Roles in them, and no ClusterRole. Start weir with
                        namespaces and disableClusterScopeResources of kubernetescrd and of
                        kubernetesingress, then; nodePortLB and IngressClasses are out of reach.
                        default: all namespaces, by a ClusterRole
  --secrets [NS/]NAME,… the only Secrets weir may read; a name without a namespace: wherever weir reads.
                        default: every Secret wherever weir reads
  --leases NAME,…       the leases of weir's leader elections, for those who set leaderElection.leaseName, or
                        an ingressClass or labelSelector, whose lease has another name (it is in the log)
                        default: that of a weir which reads --namespaces
`;

const NAME = "[a-z0-9]([-a-z0-9.]*[a-z0-9])?";
const name = { pattern: new RegExp(`^${NAME}$`), text: 'a name such as "weir"' };

const rules = {
  name: { wanted: name },
  namespace: { wanted: name },
  namespaces: { list: true, wanted: name },
  secrets: { list: true, wanted: { pattern: new RegExp(`^(${NAME}/)?${NAME}$`), text: '"name" or "namespace/name"' } },
  leases: { list: true, wanted: name },
} as const;

/** Prints the manifests. @returns the exit code */
export function printRoles(runtime: Runtime, args: readonly string[]): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    runtime.stdout(help);
    return Promise.resolve(exitCode.ok);
  }
  const options = readOptions(args, rules);
  if ("usage" in options) {
    runtime.stderr(`weir rbac: ${options.usage}\n\n${help}`);
    return Promise.resolve(exitCode.usage);
  }
  const namespaces = options.get("namespaces") ?? [];
  const secrets = options.get("secrets");
  const strange = secrets?.find((secret) => {
    const [namespace, more] = secret.split("/");
    return more !== undefined && namespaces.length > 0 && !namespaces.includes(namespace ?? "");
  });
  if (strange !== undefined) {
    runtime.stderr(`weir rbac: --secrets ${strange} is in none of --namespaces ${namespaces.join(",")}\n`);
    return Promise.resolve(exitCode.usage);
  }
  runtime.stdout(rbacManifests({
    name: options.get("name")?.[0] ?? "weir",
    namespace: options.get("namespace")?.[0] ?? "weir",
    namespaces,
    secrets,
    leases: options.get("leases"),
  }));
  return Promise.resolve(exitCode.ok);
}
