// Services and Deployments that nobody declared, made up because a route refers to them.

import type { JsonObject } from "../json.ts";
import { textsAt } from "../json.ts";
import type { KubeObject } from "../kube/object.ts";
import type { ServiceReference } from "./service-reference.ts";

const MARK = "weir.dev/placeholder";
const DEFAULT_PORT = 80;

/** A Service that is referred to and missing. */
export interface MissingService {
  readonly namespace: string;
  readonly name: string;
  readonly ports: readonly { readonly name: string; readonly port: number; readonly protocol: string }[];
}

/** Whether an object was made up. */
export function isPlaceholder(object: KubeObject): boolean {
  return textsAt(object, "metadata", "annotations")[MARK] !== undefined;
}

/** Groups references by Service. Named ports get the numbers from 80 on that no reference uses. */
export function missingServices(references: readonly ServiceReference[]): MissingService[] {
  const byService = new Map<string, ServiceReference[]>();
  for (const reference of references) {
    const key = `${reference.namespace}/${reference.name}`;
    byService.set(key, [...byService.get(key) ?? [], reference]);
  }
  return [...byService.values()].flatMap((group) => {
    const first = group[0];
    return first === undefined ? [] : [{ namespace: first.namespace, name: first.name, ports: portsOf(group) }];
  });
}

function portsOf(references: readonly ServiceReference[]): MissingService["ports"] {
  const wanted = new Map<string, ServiceReference>();
  for (const reference of references) wanted.set(`${reference.protocol}/${reference.port ?? DEFAULT_PORT}`, reference);
  const numbers = new Set([...wanted.values()].map(({ port }) => port));
  let free = DEFAULT_PORT;
  return [...wanted.values()].map(({ port = DEFAULT_PORT, protocol }) => {
    if (typeof port === "number") return { name: `${protocol.toLowerCase()}-${port}`, port, protocol };
    while (numbers.has(free)) free++;
    numbers.add(free);
    return { name: port, port: free, protocol };
  });
}

/** The Service. @param selected false: its endpoints are written by hand, no pod answers for it */
export function placeholderService({ namespace, name, ports }: MissingService, selected: boolean): JsonObject {
  const labels = { [MARK]: name };
  return {
    metadata: { name, namespace, labels, annotations: { [MARK]: "referred to and not declared" } },
    spec: { ports, ...(selected ? { selector: labels } : {}) },
  };
}

/** The Deployment behind it: one pod that answers on every port. */
export function placeholderDeployment({ namespace, name, ports }: MissingService): JsonObject {
  const labels = { [MARK]: name };
  const containerPorts = ports.map(({ port, protocol }) => ({ containerPort: port, protocol }));
  return {
    metadata: { name, namespace, labels, annotations: { [MARK]: "referred to and not declared" } },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: "whoami", image: "traefik/whoami", ports: containerPorts }] },
      },
    },
  };
}
