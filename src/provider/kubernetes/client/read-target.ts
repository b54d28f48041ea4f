// Where the API server is and how weir introduces itself: in a Pod from its environment, elsewhere from options or a kubeconfig.

import type { Files, Runtime } from "../../../net/runtime.ts";
import type { Problem } from "../../../schema/problem.ts";
import { misconfigured } from "./kube-error.ts";
import { readKubeconfig } from "./kubeconfig.ts";
import { checkEndpoint, type ConnectionOptions, type Target } from "./target.ts";

const ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"; // what the kubelet mounts into each Pod

/** What targets are read with. */
export interface TargetRuntime {
  readonly env: Runtime["env"];
  readonly files: Pick<Files, "readText">;
}

/**
 * Traefik's order: in a Pod (both KUBERNETES_SERVICE_ variables are set) the Pod's own account, where `endpoint`
 * overrides the address only; else the file KUBECONFIG names; else the options. An `endpoint` that somebody gave
 * goes before KUBECONFIG, as every option goes before the environment.
 * @throws {KubeError} `misconfigured`
 */
export async function readTarget(options: ConnectionOptions, { env, files }: TargetRuntime): Promise<Target> {
  const { KUBERNETES_SERVICE_HOST: host = "", KUBERNETES_SERVICE_PORT: port = "", KUBECONFIG: paths = "" } = env;
  const { endpoint = "" } = options;
  const pod = host === "" || port === "" ? undefined : podTarget(host, port);
  if (pod !== undefined || endpoint !== "") return { ...pod, ...await givenTarget(options, pod, files) };
  if (paths === "") throw misconfigured(NO_ENDPOINT);
  return await readKubeconfig(paths, files);
}

function podTarget(host: string, port: string): Target {
  return {
    endpoint: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    ca: { path: `${ACCOUNT}/ca.crt`, named: IN_POD },
    tokenFile: { path: `${ACCOUNT}/token`, named: IN_POD },
  };
}

/** What the options say; each goes before the Pod's own. */
async function givenTarget(
  { endpoint = "", token = "", certAuthFilePath = "" }: ConnectionOptions,
  pod: Target | undefined,
  files: Pick<Files, "readText">,
): Promise<Target> {
  const given = endpoint === "" && pod !== undefined ? pod.endpoint : checkEndpoint(endpoint, "the option endpoint");
  return {
    endpoint: given,
    ...(certAuthFilePath !== "" && { ca: { path: certAuthFilePath, named: "the option certAuthFilePath" } }),
    ...(token !== "" && await tokenOf(token, files)),
  };
}

const IN_POD = "the Pod's service account";

const NO_ENDPOINT: Problem = {
  severity: "error",
  code: "kube-no-endpoint",
  message: "the Kubernetes API has no address: not running in a Pod, no KUBECONFIG, and the option endpoint is not set",
  hint:
    "set KUBECONFIG=/path/of/a/kubeconfig, or the provider's endpoint=https://host:6443 with token and certAuthFilePath",
};

type TokenParts = Pick<Target, "token" | "tokenFile">;

/** A path when a file of that name exists, as with Traefik. A token may be longer than a path can be. */
async function tokenOf(valueOrPath: string, files: Pick<Files, "readText">): Promise<TokenParts> {
  const file = { tokenFile: { path: valueOrPath, named: "the option token" } };
  if (valueOrPath.startsWith("/")) return file;
  const isFile = await files.readText(valueOrPath).then(() => true, () => false);
  return isFile ? file : { token: valueOrPath, tokenFile: undefined };
}
