// What a real server fills into Deployments and their like.

import { isObject, type JsonObject, objectAt, textAt } from "../json.ts";
import { templateDefaults } from "./pod-defaults.ts";

const HISTORY = 10; // old revisions kept
const DEADLINE = 600; // seconds in which a Deployment must get on

/** A Deployment. */
export function deploymentDefaults(object: JsonObject): JsonObject {
  const spec = objectAt(object, "spec");
  return withSpec(object, {
    replicas: spec["replicas"] ?? 1,
    strategy: rollingDefaults(spec, "strategy", { maxUnavailable: "25%", maxSurge: "25%" }),
    revisionHistoryLimit: spec["revisionHistoryLimit"] ?? HISTORY,
    progressDeadlineSeconds: spec["progressDeadlineSeconds"] ?? DEADLINE,
  });
}

/** A ReplicaSet. */
export function replicaSetDefaults(object: JsonObject): JsonObject {
  return withSpec(object, { replicas: objectAt(object, "spec")["replicas"] ?? 1 });
}

/** A ReplicationController: what it does not say of its labels it has from its template. */
export function replicationControllerDefaults(object: JsonObject): JsonObject {
  const [metadata, spec] = [objectAt(object, "metadata"), objectAt(object, "spec")];
  const labels = objectAt(spec, "template", "metadata", "labels");
  const orLabels = (own: unknown): unknown => isObject(own) && Object.keys(own).length > 0 ? own : labels;
  const named = { ...object, metadata: { ...metadata, labels: orLabels(metadata["labels"]) } };
  const own = { replicas: spec["replicas"] ?? 1, selector: orLabels(spec["selector"]) };
  return isObject(spec["template"]) ? withSpec(named, own) : { ...named, spec: { ...spec, ...own } };
}

/** A DaemonSet. */
export function daemonSetDefaults(object: JsonObject): JsonObject {
  const spec = objectAt(object, "spec");
  return withSpec(object, {
    updateStrategy: rollingDefaults(spec, "updateStrategy", { maxUnavailable: 1, maxSurge: 0 }),
    revisionHistoryLimit: spec["revisionHistoryLimit"] ?? HISTORY,
  });
}

/** A StatefulSet. */
export function statefulSetDefaults(object: JsonObject): JsonObject {
  const spec = objectAt(object, "spec");
  return withSpec(object, {
    replicas: spec["replicas"] ?? 1,
    podManagementPolicy: spec["podManagementPolicy"] ?? "OrderedReady",
    updateStrategy: rollingDefaults(spec, "updateStrategy", { partition: 0 }),
    revisionHistoryLimit: spec["revisionHistoryLimit"] ?? HISTORY,
  });
}

/** A Job. */
export function jobDefaults(object: JsonObject): JsonObject {
  return { ...object, spec: jobSpecDefaults(objectAt(object, "spec")) };
}

/** A CronJob. */
export function cronJobDefaults(object: JsonObject): JsonObject {
  const spec = objectAt(object, "spec");
  const template = objectAt(spec, "jobTemplate");
  const pod = objectAt(template, "spec", "template");
  return {
    ...object,
    spec: {
      ...spec,
      concurrencyPolicy: spec["concurrencyPolicy"] ?? "Allow",
      suspend: spec["suspend"] ?? false,
      jobTemplate: { ...template, spec: { ...objectAt(template, "spec"), template: templateDefaults(pod) } },
      successfulJobsHistoryLimit: spec["successfulJobsHistoryLimit"] ?? 3,
      failedJobsHistoryLimit: spec["failedJobsHistoryLimit"] ?? 1,
    },
  };
}

function jobSpecDefaults(spec: JsonObject): JsonObject {
  const single = spec["completions"] === undefined && spec["parallelism"] === undefined;
  return {
    ...spec,
    parallelism: spec["parallelism"] ?? 1,
    ...(single ? { completions: 1 } : {}),
    backoffLimit: spec["backoffLimit"] ?? 6,
    completionMode: spec["completionMode"] ?? "NonIndexed",
    suspend: spec["suspend"] ?? false,
    template: templateDefaults(objectAt(spec, "template")),
  };
}

function withSpec(object: JsonObject, defaults: JsonObject): JsonObject {
  const spec = objectAt(object, "spec");
  return { ...object, spec: { ...spec, ...defaults, template: templateDefaults(objectAt(spec, "template")) } };
}

/** A strategy that rolls unless it says otherwise. */
function rollingDefaults(spec: JsonObject, field: string, rolling: JsonObject): JsonObject {
  const strategy = objectAt(spec, field);
  const type = textAt(strategy, "type") ?? "RollingUpdate";
  if (type !== "RollingUpdate") return { ...strategy, type };
  const given = strategy["rollingUpdate"];
  return { ...strategy, type, rollingUpdate: { ...rolling, ...(isObject(given) ? given : {}) } };
}
