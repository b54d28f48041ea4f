// Which columns the table of a kind has.

import { isList, isObject, listAt, textAt, valueAt } from "../json.ts";
import type { Kind, PrinterColumn } from "../kube/kind.ts";
import { type Cell, type Column, column, wide } from "./column.ts";
import { ageSince } from "./duration.ts";
import { readJsonPath } from "./json-path.ts";
import {
  endpointsColumns,
  ingressClassColumns,
  ingressColumns,
  serviceColumns,
  serviceWideColumns,
  sliceColumns,
} from "./network-columns.ts";
import {
  controllerWideColumns,
  cronJobColumns,
  daemonSetColumns,
  deploymentColumns,
  jobColumns,
  nodeColumns,
  nodeWideColumns,
  replicaSetColumns,
  statefulSetColumns,
  workloadWideColumns,
} from "./workload-columns.ts";
import { descriptions } from "./descriptions.ts";
import { eventColumns, leaseColumns } from "./event-columns.ts";
import { podColumns, podWideColumns } from "./pod-columns.ts";
import { claimColumns, storageWideColumns, volumeColumns } from "./storage-columns.ts";

const NAME_TEXT = "Name must be unique within a namespace. Is required when creating resources, although some " +
  "resources may allow a client to request the generation of an appropriate name automatically. Name is primarily " +
  "intended for creation idempotence and configuration definition. Cannot be updated. More info: " +
  "http://kubernetes.io/docs/user-guide/identifiers#names";
const AGE_TEXT =
  "CreationTimestamp is a timestamp representing the server time when this object was created. It is not " +
  "guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is " +
  "represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: " +
  "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";

const name = column("Name", (object) => object.metadata.name, { format: "name", description: NAME_TEXT });
const age = column("Age", (object, now) => ageSince(object.metadata.creationTimestamp, now), { description: AGE_TEXT });

const dataCount = column("Data", (object) => {
  const data = [object["data"], object["binaryData"]];
  return data.reduce((sum: number, part) => sum + (isObject(part) ? Object.keys(part).length : 0), 0);
});

const around = (before: readonly Column[], after: readonly Column[] = []) => [name, ...before, age, ...after];

const columnsByKind: Readonly<Record<string, readonly Column[]>> = {
  ConfigMap: around([dataCount]),
  CustomResourceDefinition: [name, column("Created At", (object) => object.metadata.creationTimestamp)],
  CronJob: around(cronJobColumns, workloadWideColumns),
  DaemonSet: around(daemonSetColumns, workloadWideColumns),
  Deployment: around(deploymentColumns, workloadWideColumns),
  EndpointSlice: around(sliceColumns),
  Endpoints: around(endpointsColumns),
  Event: [...eventColumns, { ...name, priority: 1 }],
  Ingress: around(ingressColumns),
  IngressClass: around(ingressClassColumns),
  Job: around(jobColumns, workloadWideColumns),
  Lease: around(leaseColumns),
  Namespace: around([column("Status", (object) => textAt(object, "status", "phase") ?? "")]),
  Node: around(nodeColumns, nodeWideColumns),
  PersistentVolume: around(volumeColumns, storageWideColumns),
  PersistentVolumeClaim: around(claimColumns, storageWideColumns),
  Pod: around(podColumns, podWideColumns),
  ReplicaSet: around(replicaSetColumns, workloadWideColumns),
  ReplicationController: around(replicaSetColumns, controllerWideColumns),
  Secret: around([column("Type", (object) => textAt(object, "type") ?? ""), dataCount]),
  Service: around(serviceColumns, serviceWideColumns),
  ServiceAccount: around([column("Secrets", (object) => listAt(object, "secrets").length)]),
  StatefulSet: around(statefulSetColumns, workloadWideColumns.slice(0, 2)),
};

/** The same with what they say of themselves. */
const builtInColumns: Readonly<Record<string, readonly Column[]>> = Object.fromEntries(
  Object.entries(columnsByKind).map(([kind, columns]) => [
    kind,
    columns.map((each) => ({ ...each, description: descriptions[kind]?.[each.name] ?? each.description })),
  ]),
);

/** The columns of a kind, in order. */
export function columnsOf(kind: Kind): readonly Column[] {
  if (!kind.custom) return builtInColumns[kind.kind] ?? [name, age];
  const own = kind.columns.map(toColumn);
  return own.length === 0 ? [name, { ...age, type: "date" }] : [name, ...own];
}

function toColumn({ name: title, type, jsonPath, priority, description }: PrinterColumn): Column {
  const make = priority > 0 ? wide : column;
  const told = description ?? `Custom resource definition column (in JSONPath format): ${jsonPath}`;
  return {
    ...make(title, (object, now) => toCell(readJsonPath(object, jsonPath), type, now)),
    type,
    description: told,
  };
}

function toCell(value: unknown, type: string, now: number): Cell {
  if (value === undefined || value === null) return null;
  if (type === "date") return ageSince(typeof value === "string" ? value : undefined, now);
  if (typeof value === "number" || typeof value === "boolean") return type === "string" ? String(value) : value;
  return isList(value) || isObject(valueAt(value)) ? JSON.stringify(value) : String(value);
}
