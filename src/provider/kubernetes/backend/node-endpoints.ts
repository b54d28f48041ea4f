// `nodePortLB`: the internal addresses of all Nodes, at the port that each of them opens for the Service.

import type { ProblemText } from "../parse.ts";
import type { BackendContext } from "./context.ts";
import type { Endpoint } from "./endpoints.ts";

/** @returns endpoints in the order of the Nodes' names, or what is wrong */
export function nodeEndpoints(
  context: BackendContext,
  nodePort: number,
): readonly Endpoint[] | ProblemText {
  const { options, snapshot, parser, problems: all } = context;
  if (options.disableClusterScopeResources) {
    return {
      code: "cluster-scope",
      message: "nodePortLB needs the Nodes of the cluster, which are not read",
      hint: `set ${options.optionPrefix}.disableClusterScopeResources=false, or nodePortLB: false`,
    };
  }
  const hosts = new Set<string>();
  for (const node of snapshot.list("/Node")) {
    const { value, problems } = parser.node(node);
    all.push(...problems);
    for (const { type, address } of value?.addresses ?? []) if (type === "InternalIP") hosts.add(address);
  }
  if (hosts.size === 0) return { code: "no-nodes", message: "nodePortLB found no Node with an internal address" };
  return [...hosts].map((host) => ({ host, port: nodePort, fenced: false }));
}
