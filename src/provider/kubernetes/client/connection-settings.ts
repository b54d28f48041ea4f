// Where the API server is and how weir introduces itself: in a Pod from its environment, elsewhere from options.

import type { Runtime } from "../../../net/runtime.ts";
import type { Problem } from "../../../schema/problem.ts";

const ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"; // what the kubelet mounts into each Pod

/** What the options say about the connection. */
export interface ConnectionOptions {
  readonly endpoint?: string | undefined;
  /** A token, or the path of a file that holds one. */
  readonly token?: string | undefined;
  /** Path of the certificate authority's PEM file. */
  readonly certAuthFilePath?: string | undefined;
}

/** A connection worked out. */
export interface ConnectionSettings {
  /** Without a slash at the end. */
  readonly endpoint: string;
  /** Empty: none. */
  readonly tokenOrPath: string;
  /** Empty: the runtime's own authorities. */
  readonly caPath: string;
}

/**
 * Traefik's order: in a Pod (both KUBERNETES_SERVICE_ variables are set) the Pod's own account, where `endpoint`
 * overrides the address only; else the options.
 */
export function connectionSettings(options: ConnectionOptions, env: Runtime["env"]): ConnectionSettings | Problem {
  const { endpoint, tokenOrPath, caPath } = { ...podSettings(env), ...given(options) };
  if (endpoint === "") return noEndpoint(env);
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol)) return badEndpoint(endpoint);
  return { endpoint: endpoint.replace(/\/+$/, ""), tokenOrPath, caPath };
}

function podSettings(env: Runtime["env"]): ConnectionSettings {
  const { KUBERNETES_SERVICE_HOST: host = "", KUBERNETES_SERVICE_PORT: port = "" } = env;
  if (host === "" || port === "") return { endpoint: "", tokenOrPath: "", caPath: "" };
  return {
    endpoint: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    tokenOrPath: `${ACCOUNT}/token`,
    caPath: `${ACCOUNT}/ca.crt`,
  };
}

function given({ endpoint, token, certAuthFilePath }: ConnectionOptions): Partial<ConnectionSettings> {
  return {
    ...(endpoint !== undefined && endpoint !== "" && { endpoint }),
    ...(token !== undefined && token !== "" && { tokenOrPath: token }),
    ...(certAuthFilePath !== undefined && certAuthFilePath !== "" && { caPath: certAuthFilePath }),
  };
}

/** What keeps `fetch` from trusting the server; the file itself is read by a `fetch` that knows how. */
export function certificateProblem(settings: ConnectionSettings, env: Runtime["env"]): Problem | undefined {
  if (settings.caPath === "" || !settings.endpoint.startsWith("https:")) return undefined;
  if ((env["NODE_EXTRA_CA_CERTS"] ?? "") !== "") return undefined;
  return {
    severity: "warning",
    code: "kube-ca-unused",
    message: `the certificate authority ${JSON.stringify(settings.caPath)} is not loaded by weir yet`,
    hint: `start weir with NODE_EXTRA_CA_CERTS=${settings.caPath}`,
  };
}

function noEndpoint(env: Runtime["env"]): Problem {
  const kubeconfig = env["KUBECONFIG"] ?? "";
  return {
    severity: "error",
    code: "kube-no-endpoint",
    message: "the Kubernetes API has no address: not running in a Pod, and providers.kubernetescrd.endpoint is not set",
    hint: kubeconfig === ""
      ? "set --providers.kubernetescrd.endpoint=https://host:6443 and, where needed, .token"
      : `KUBECONFIG (${JSON.stringify(kubeconfig)}) is not read yet: set --providers.kubernetescrd.endpoint and .token`,
  };
}

function badEndpoint(endpoint: string): Problem {
  return {
    severity: "error",
    code: "kube-bad-endpoint",
    message: `providers.kubernetescrd.endpoint is ${JSON.stringify(endpoint)}, wanted an http or https URL`,
    hint: "for example https://10.0.0.1:6443",
  };
}
