// The embedded Kubernetes API: a fetch handler over the objects in memory, enough for kubectl and informers.

import { createAdmission } from "../admission/admission.ts";
import type { ValidateObject } from "../admission/problems.ts";
import { type ClusterOptions, createClusterAdmission } from "../built-in/cluster-admission.ts";
import type { KubernetesVersion } from "../built-in/legacy-kinds.ts";
import { Access, type AccessOptions } from "../auth/access.ts";
import { bootstrapObjects } from "../auth/bootstrap-roles.ts";
import { type JsonObject, textAt } from "../json.ts";
import { KindRegistry } from "../kube/kind-registry.ts";
import { ObjectStore } from "../kube/object-store.ts";
import type { KubeObject } from "../kube/object.ts";
import { serveDefinitions } from "../structural/definition-controller.ts";
import type { ApiContext, LogLookup } from "./context.ts";
import { InFlight, type InFlightLimits } from "./in-flight.ts";
import { Lifecycle } from "./lifecycle.ts";
import { createServer } from "./serve.ts";
import { WatchHub } from "./watch.ts";

/** What the API works with. */
export interface KubeApiOptions {
  /** What weir itself has to say of custom resources, as warnings. Default: nothing. */
  readonly validate?: ValidateObject;
  /** CustomResourceDefinitions that are there from the beginning. Default: none. */
  readonly definitions?: readonly JsonObject[];
  /** Default: pods have no log. */
  readonly logs?: LogLookup;
  /** Objects that a create may replace. Default: none. */
  readonly isPlaceholder?: (object: KubeObject) => boolean;
  /** Who may do what. Default: nobody is asked who they are, and everybody may do everything. */
  readonly access?: AccessOptions;
  /**
   * Behave as an API server alone, without controllers: what finalizers hold stays, also the contents of namespaces;
   * versions count from 1; watches from the future wait for it. Default: false.
   */
  readonly alone?: boolean;
  /** The version of Kubernetes whose kinds are served, and whose ways differ where that is known. Default: 1.26. */
  readonly kubernetes?: KubernetesVersion;
  /** What the cluster is like: addresses of Services, accounts of pods. Default: as `weir dev` has it. */
  readonly cluster?: Omit<ClusterOptions, "store" | "kinds">;
  /** Requests under way. Default: any number. */
  readonly limits?: InFlightLimits;
}

/** An embedded Kubernetes API. */
export interface KubeApi {
  /** Answers one request. Watches answer with a stream that goes on. */
  fetch(request: Request): Promise<Response>;
  readonly store: ObjectStore;
  readonly kinds: KindRegistry;
  /** The gate that writes from elsewhere must pass as well. */
  readonly admit: ApiContext["admit"];
  /** Ends all watches and followed logs. */
  close(): void;
}

/**
 * Makes an empty cluster with the usual namespaces and no controllers.
 *
 * @example
 * const api = createKubeApi();
 * const list = await api.fetch(new Request("http://cluster/api/v1/services"));
 */
export function createKubeApi(options: KubeApiOptions = {}): KubeApi {
  const { alone = false, limits = { reads: 0, writes: 0 } } = options;
  const store = new ObjectStore(alone ? { first: 1 } : {});
  const kinds = new KindRegistry(options.kubernetes);
  const closing = new AbortController();
  const context: ApiContext = {
    store,
    kinds,
    admit: createAdmission(options.validate, createClusterAdmission({ store, kinds, ...options.cluster })),
    access: new Access(store, kinds, options.access),
    logs: options.logs ?? (() => undefined),
    closing: closing.signal,
    isPlaceholder: options.isPlaceholder ?? (() => false),
  };
  const watches = new WatchHub({ store, future: alone ? "silent" : "expired" });
  serveDefinitions(context);
  followDefinitions(context, watches);
  const lifecycle = alone ? undefined : new Lifecycle(context);
  populate(context, options);
  return {
    fetch: createServer({ context, watches, inFlight: new InFlight(limits) }),
    store,
    kinds,
    admit: context.admit,
    close: () => {
      lifecycle?.stop();
      watches.close();
      closing.abort();
    },
  };
}

/** A kind begins without a past, and its watches end with it. Comes after what serves the definitions. */
function followDefinitions({ store, kinds }: ApiContext, watches: WatchHub): void {
  store.subscribe(({ type, kind, object }) => {
    if (kind.kind !== "CustomResourceDefinition") return;
    const [group, plural] = [textAt(object, "spec", "group"), textAt(object, "spec", "names", "plural")];
    if (type === "DELETED") watches.closeKind({ group: group ?? "", plural: plural ?? "" });
    for (const served of kinds.all) if (served.group === group && served.plural === plural) store.open(served);
  });
}

function populate({ store, kinds, admit }: ApiContext, { access, definitions = [] }: KubeApiOptions): void {
  const add = (kindName: string, content: Readonly<Record<string, unknown>>, namespace = "") => {
    const kind = kinds.builtIn(kindName);
    const draft = { kind, content: { ...content }, namespace, name: undefined, previous: undefined };
    store.put(kind, admit({ ...draft, fieldValidation: "Ignore" }).object);
  };
  for (const name of ["default", "kube-node-lease", "kube-public", "kube-system"]) {
    add("Namespace", { metadata: { name } });
  }
  add("ServiceAccount", { metadata: { name: "default" } }, "default");
  for (const object of access === undefined ? [] : bootstrapObjects) add(textAt(object, "kind") ?? "", object);
  for (const definition of definitions) add("CustomResourceDefinition", definition);
}
