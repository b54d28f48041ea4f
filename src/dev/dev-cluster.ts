// `weir dev`: a cluster in this process, made of manifests, with echo backends for the pods.

import type { Runtime } from "../net/runtime.ts";
import type { Problem } from "../schema/problem.ts";
import type { DevLogger } from "./dev-logger.ts";
import type { JsonObject } from "./json.ts";
import type { ValidateObject } from "./admission/problems.ts";
import type { KubernetesVersion } from "./built-in/legacy-kinds.ts";
import { createKubeApi } from "./api/kube-api.ts";
import type { AccessOptions } from "./auth/access.ts";
import { keepDefaultAccounts } from "./cluster/accounts.ts";
import { ClusterController, type DevPod, type EchoEvent } from "./cluster/controller.ts";
import { ClusterState } from "./cluster/cluster-state.ts";
import { isPlaceholder } from "./cluster/placeholder.ts";
import { nodeObject } from "./cluster/pod.ts";
import { parseServiceMaps } from "./cluster/service-map.ts";
import type { HttpServe } from "../http/http-serve.ts";
import type { ObjectStore } from "./kube/object-store.ts";
import { ManifestSync } from "./manifest/manifest-sync.ts";

/** What a local cluster is made of. */
export interface DevClusterOptions {
  /** Files and folders of manifests. */
  readonly paths: readonly string[];
  /** Values of `--map`: `[namespace/]service=host:port`. Default: none. */
  readonly maps?: readonly string[];
  readonly runtime: Runtime;
  readonly logger: DevLogger;
  /** Serves the echo backends. */
  readonly serve: HttpServe;
  /** What weir itself makes of custom resources. */
  readonly validate: ValidateObject;
  /** CustomResourceDefinitions that are there from the beginning. Default: none. */
  readonly definitions?: readonly JsonObject[];
  /** Who may do what. Default: everybody everything. */
  readonly access?: AccessOptions;
  /** Whose kinds are served: `1.20` still has the first Ingress groups. Default: `1.26`. */
  readonly kubernetes?: KubernetesVersion;
  /** Told of the problems after each reload of changed files. */
  readonly onReload?: (problems: readonly Problem[]) => void;
  /** Told of each request an echo backend answered. */
  readonly onRequest?: (event: EchoEvent) => void;
}

/** A local cluster. */
export interface DevCluster {
  /** Loads the manifests and opens the backends; from then on follows files and objects. */
  start(): Promise<{ readonly problems: readonly Problem[] }>;
  /** Ends watches, closes backends, follows files no more. */
  stop(): Promise<void>;
  /** The Kubernetes API, to be served somewhere. */
  fetch(request: Request): Promise<Response>;
  readonly store: ObjectStore;
  /** Resolves when pods and endpoints are in line with the objects. */
  settled(): Promise<void>;
  /** The pods there are now, and where they listen. */
  pods(): readonly DevPod[];
}

/**
 * Makes a local cluster. Nothing is read or opened before `start`.
 *
 * @example
 * const cluster = createDevCluster({ paths: ["k8s"], runtime, logger, serve, validate });
 * const { problems } = await cluster.start();
 */
export function createDevCluster(options: DevClusterOptions): DevCluster {
  const { runtime, logger, serve, validate, onRequest, onReload } = options;
  const { map, problems: mapProblems } = parseServiceMaps(options.maps ?? []);
  const api = createKubeApi({
    validate,
    isPlaceholder,
    logs: (namespace, pod) => controller.logs(namespace, pod),
    ...(options.definitions !== undefined && { definitions: options.definitions }),
    ...(options.access !== undefined && { access: options.access }),
    ...(options.kubernetes !== undefined && { kubernetes: options.kubernetes }),
  });
  const { store, kinds, admit } = api;
  const state = new ClusterState(store, kinds, admit);
  const stopAccounts = keepDefaultAccounts(state);
  const controller = new ClusterController({
    state,
    map,
    serve,
    runtime,
    logger,
    ...(onRequest === undefined ? {} : { onRequest }),
  });
  const manifests = new ManifestSync(options.paths, runtime, { store, kinds, admit, validate, isPlaceholder });
  return {
    start: async () => {
      state.put("Node", nodeObject(runtime.hostname));
      const problems = await manifests.load();
      await controller.start();
      manifests.watch(
        (found) => onReload?.(found),
        (error) => logger.error("The changed manifests could not be read", { error }),
      );
      return { problems: [...mapProblems, ...problems] };
    },
    stop: async () => {
      await manifests.stop();
      stopAccounts();
      api.close();
      await controller.stop();
    },
    fetch: (request) => api.fetch(request),
    store,
    settled: () => controller.settled(),
    pods: () => controller.pods,
  };
}
