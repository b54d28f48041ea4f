// Where the addresses for the status of Ingresses come from: options, the Nodes, or a Service that is followed.

import type { Problem } from "../../../schema/problem.ts";
import { nodeResource, serviceResource } from "../backend/resources.ts";
import type { KubeConnection } from "../client/connection.ts";
import type { NamedReflectors } from "../client/named-reflectors.ts";
import type { Reflector } from "../client/reflector.ts";
import { resourceId } from "../client/resource.ts";
import { KubeStore } from "../store/store.ts";
import { sameValue } from "../store/same-value.ts";
import { addressesOf, needsNodes, nodeAddresses, type PublishedAddress } from "./load-balancer.ts";

/** Options of the Ingress provider, with Traefik's names. */
export interface StatusOptions {
  readonly ingressEndpoint?: {
    readonly ip?: string | undefined;
    readonly hostname?: string | undefined;
    /** `namespace/name`. */
    readonly publishedService?: string | undefined;
  } | undefined;
  /** Goes before `ingressEndpoint`. */
  readonly reportNodeInternalIPs?: boolean | undefined;
  readonly disableClusterScopeResources?: boolean | undefined;
}

/** Tells whether there is anything to publish. */
export function publishesAddresses({ ingressEndpoint = {}, reportNodeInternalIPs = false }: StatusOptions): boolean {
  const { ip = "", hostname = "", publishedService = "" } = ingressEndpoint;
  return reportNodeInternalIPs || ip !== "" || hostname !== "" || publishedService !== "";
}

const PREFIX = "--providers.kubernetesingress";

/** The addresses as they are now, and as they become. */
export class PublishedAddresses {
  readonly #options: StatusOptions;
  readonly #connection: KubeConnection;
  readonly #changed: () => void;
  readonly #store: KubeStore;
  readonly #abort: AbortController;
  readonly #wanted: { readonly namespace: string; readonly name: string } | undefined;
  #service: NamedReflectors | undefined;
  #nodes: Reflector | undefined;
  #loop: Promise<void> | undefined;
  #addresses: readonly PublishedAddress[] | undefined;

  /** @param changed the addresses, or what is wrong with them, may have changed */
  constructor(options: StatusOptions, connection: KubeConnection, changed: () => void) {
    this.#options = options;
    this.#connection = connection;
    this.#changed = changed;
    this.#store = new KubeStore(() => this.#update());
    this.#abort = new AbortController();
    this.#wanted = serviceName(options);
    this.#service = undefined;
    this.#nodes = undefined;
    this.#loop = undefined;
    this.#addresses = undefined;
  }

  /** What Ingresses should say; the same list until it changes. Undefined: nothing is known, and nothing is written. */
  get current(): readonly PublishedAddress[] | undefined {
    return this.#addresses;
  }

  /** Why there are no addresses. */
  get problems(): readonly Problem[] {
    const found = [...this.#service?.problems ?? [], this.#nodes?.problem, this.#ownProblem()];
    return found.filter((each) => each !== undefined);
  }

  /** Begins to follow what is to be followed. */
  start(): void {
    if (this.#options.reportNodeInternalIPs === true) this.#followNodes();
    else if (this.#wanted !== undefined) this.#followService(this.#wanted);
    this.#update();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await Promise.all([this.#loop, this.#service?.stop()]);
  }

  #followService(name: { readonly namespace: string; readonly name: string }): void {
    this.#service = this.#connection.named({
      resource: serviceResource,
      sink: this.#store.sink(serviceResource, undefined),
      changed: () => this.#update(),
      isClusterWide: false,
    });
    this.#service.want([name]);
  }

  #followNodes(): void {
    if (this.#nodes !== undefined || this.#options.disableClusterScopeResources === true) return;
    this.#nodes = this.#connection.reflector({
      selection: { resource: nodeResource, namespace: undefined, labelSelector: "" },
      sink: this.#store.sink(nodeResource, undefined),
      changed: () => this.#update(),
    });
    this.#loop = this.#nodes.run(this.#abort.signal);
  }

  #update(): void {
    const addresses = this.#find();
    if (!sameValue(addresses, this.#addresses)) this.#addresses = addresses;
    this.#changed();
  }

  #find(): readonly PublishedAddress[] | undefined {
    const { reportNodeInternalIPs = false, ingressEndpoint: { ip = "", hostname = "", publishedService = "" } = {} } =
      this.#options;
    if (reportNodeInternalIPs) return this.#nodeAddresses();
    if (publishedService !== "") return this.#serviceAddresses();
    if (ip === "" && hostname === "") return undefined;
    return [{ ...(ip !== "" && { ip }), ...(hostname !== "" && { hostname }) }];
  }

  #nodeAddresses(): readonly PublishedAddress[] | undefined {
    const found = nodeAddresses(this.#store.list(NODES), "InternalIP");
    return found.length === 0 ? undefined : found;
  }

  #serviceAddresses(): readonly PublishedAddress[] | undefined {
    const service = this.#found();
    if (service === undefined) return undefined;
    if (needsNodes(service)) this.#followNodes();
    return addressesOf(service, this.#store.list(NODES));
  }

  #found() {
    return this.#wanted && this.#store.get(SERVICES, this.#wanted.namespace, this.#wanted.name);
  }

  #ownProblem(): Problem | undefined {
    const { reportNodeInternalIPs = false, disableClusterScopeResources = false, ingressEndpoint = {} } = this.#options;
    const { publishedService = "" } = ingressEndpoint;
    const service = this.#found();
    const wantsNodes = reportNodeInternalIPs || (service !== undefined && needsNodes(service));
    if (wantsNodes && disableClusterScopeResources) return nodesAreOff;
    if (reportNodeInternalIPs || publishedService === "") return undefined;
    if (this.#wanted === undefined) return badName(publishedService);
    const isKnown = this.#service?.isKnown(this.#wanted.namespace, this.#wanted.name) ?? false;
    return service === undefined && isKnown && this.#isReadable ? noService(publishedService) : undefined;
  }

  /** A Service that may not be read is not known to be missing. */
  get #isReadable(): boolean {
    return this.#service?.problems.length === 0;
  }
}

const SERVICES = resourceId(serviceResource);
const NODES = resourceId(nodeResource);

function serviceName(
  { ingressEndpoint }: StatusOptions,
): { readonly namespace: string; readonly name: string } | undefined {
  const [namespace = "", name = "", ...more] = (ingressEndpoint?.publishedService ?? "").split("/");
  return namespace === "" || name === "" || more.length > 0 ? undefined : { namespace, name };
}

function badName(publishedService: string): Problem {
  return {
    severity: "error",
    code: "bad-published-service",
    message: `ingressEndpoint.publishedService must be "namespace/name", got ${JSON.stringify(publishedService)}: ` +
      "no status of an Ingress is written",
    hint: `for example ${PREFIX}.ingressendpoint.publishedservice=weir/weir`,
  };
}

function noService(publishedService: string): Problem {
  return {
    severity: "warning",
    code: "missing-published-service",
    message: `the Service ${JSON.stringify(publishedService)}, whose addresses are to be published, does not exist: ` +
      "no status of an Ingress is written",
    hint: `create it, or change ${PREFIX}.ingressendpoint.publishedservice`,
  };
}

const nodesAreOff: Problem = {
  severity: "error",
  code: "cluster-scope",
  message:
    "the addresses to be published are those of the Nodes, which are not read: no status of an Ingress is written",
  hint: `set ${PREFIX}.disableClusterScopeResources=false, or publish ${PREFIX}.ingressendpoint.ip or .hostname`,
};
