// Keeps a placeholder for every Service that is referred to or mapped and not declared, and for no other.

import type { DevLogger } from "../dev-logger.ts";
import { type JsonObject, textsAt } from "../json.ts";
import { type KubeObject, nameOf, namespaceOf } from "../kube/object.ts";
import { StatusError } from "../kube/status.ts";
import type { ClusterState } from "./cluster-state.ts";
import {
  isPlaceholder,
  type MissingService,
  missingServices,
  placeholderDeployment,
  placeholderService,
} from "./placeholder.ts";
import type { ServiceMap } from "./service-map.ts";
import { listReferences } from "./service-reference.ts";

const MAPPED_PORTS = [{ name: "http", port: 80, protocol: "TCP" }];

/** Makes up what is missing, and takes back what is not needed any more. */
export function keepPlaceholders(state: ClusterState, map: ServiceMap, logger: DevLogger): void {
  const missing = wantedServices(state, map);
  const services = new Set<string>();
  const deployments = new Set<string>();
  for (const service of missing) {
    const key = `${service.namespace}/${service.name}`;
    const real = realDeployment(state, service);
    const made = real === undefined && !map.has(key);
    services.add(key);
    attempt(
      state,
      "Service",
      real === undefined ? placeholderService(service, made) : serviceOf(service, real),
      logger,
    );
    if (!made) continue;
    deployments.add(key);
    if (state.get("Deployment", service.namespace, service.name) === undefined) {
      attempt(state, "Deployment", placeholderDeployment(service), logger);
    }
  }
  takeBack(state, "Service", services);
  takeBack(state, "Deployment", deployments);
}

/** Referred to or mapped, and not declared by anybody. */
function wantedServices(state: ClusterState, map: ServiceMap): MissingService[] {
  const missing = missingServices(listReferences(state.store, state.kinds));
  const known = new Set(missing.map(({ namespace, name }) => `${namespace}/${name}`));
  for (const key of map.keys()) {
    const [namespace = "", name = ""] = key.split("/");
    if (!known.has(key)) missing.push({ namespace, name, ports: MAPPED_PORTS });
  }
  return missing.filter(({ namespace, name }) => {
    const stored = state.get("Service", namespace, name);
    return stored === undefined || isPlaceholder(stored);
  });
}

/** Somebody declared the Deployment and forgot its Service. */
function realDeployment(state: ClusterState, { namespace, name }: MissingService): KubeObject | undefined {
  const deployment = state.get("Deployment", namespace, name);
  return deployment === undefined || isPlaceholder(deployment) ? undefined : deployment;
}

function serviceOf(service: MissingService, deployment: KubeObject): JsonObject {
  const placeholder = placeholderService(service, false);
  const selector = textsAt(deployment, "spec", "selector", "matchLabels");
  return { ...placeholder, spec: { ports: service.ports, selector } };
}

/** A reference may hold a name that no object can have: that is the route's problem, told elsewhere. */
function attempt(state: ClusterState, kind: string, content: JsonObject, logger: DevLogger): void {
  try {
    state.admit(kind, content);
  } catch (thrown) {
    if (!(thrown instanceof StatusError)) throw thrown;
    logger.debug("No placeholder for a missing Service", { service: nameOf(content), error: thrown.message });
  }
}

function takeBack(state: ClusterState, kind: string, wanted: ReadonlySet<string>): void {
  for (const object of state.list(kind)) {
    if (isPlaceholder(object) && !wanted.has(`${namespaceOf(object)}/${nameOf(object)}`)) state.remove(kind, object);
  }
}
