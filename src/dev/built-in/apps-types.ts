// Workloads: the kinds of `apps/v1` and `batch/v1`, and the one of `core/v1`. (data)

import type { Schema } from "../kube/schema.ts";
import { labelSelector, objectMeta, objectOf } from "./meta-types.ts";
import { podTemplate } from "./pod-types.ts";
import { coreStruct, objectReference } from "./reference-types.ts";
import {
  always,
  atomicList,
  fields,
  flag,
  int32,
  int64,
  intOrString,
  listOf,
  mapOf,
  mergedList,
  named,
  pointer,
  setOf,
  structsOf,
  text,
  time,
  withStrategy,
} from "./schema-builder.ts";
import { persistentVolumeClaim } from "./storage-types.ts";

const APPS = "io.k8s.api.apps.v1";
const BATCH = "io.k8s.api.batch.v1";
const struct = structsOf(APPS);
const batchStruct = structsOf(BATCH);

const conditionOf = (name: string, type: string, more: Readonly<Record<string, Schema>> = {}) =>
  mergedList(
    struct(name, {
      type: named(type),
      status: named("v1.ConditionStatus"),
      ...more,
      lastTransitionTime: time,
      ...fields(text, "reason", "message"),
    }, { required: ["type", "status"] }),
    "type",
  );

const strategy = struct("DeploymentStrategy", {
  type: named("v1.DeploymentStrategyType"),
  rollingUpdate: struct("RollingUpdateDeployment", fields(pointer(intOrString), "maxUnavailable", "maxSurge")),
});

/** A Deployment. */
export const deployment = objectOf(APPS, "Deployment", {
  spec: always(struct("DeploymentSpec", {
    replicas: pointer(int32),
    selector: labelSelector,
    template: always(podTemplate),
    strategy: always(withStrategy(strategy, "retainKeys")),
    minReadySeconds: int32,
    revisionHistoryLimit: pointer(int32),
    paused: flag,
    progressDeadlineSeconds: pointer(int32),
  }, { required: ["selector", "template"] })),
  status: always(struct("DeploymentStatus", {
    observedGeneration: int64,
    ...fields(int32, "replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas"),
    conditions: conditionOf("DeploymentCondition", "v1.DeploymentConditionType", { lastUpdateTime: time }),
    collisionCount: pointer(int32),
  })),
}, { description: "Deployment enables declarative updates for Pods and ReplicaSets." });

/** A ReplicaSet. */
export const replicaSet = objectOf(APPS, "ReplicaSet", {
  spec: always(struct("ReplicaSetSpec", {
    replicas: pointer(int32),
    minReadySeconds: int32,
    selector: labelSelector,
    template: always(podTemplate),
  }, { required: ["selector"] })),
  status: always(struct("ReplicaSetStatus", {
    ...fields(int32, "replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas"),
    observedGeneration: int64,
    conditions: conditionOf("ReplicaSetCondition", "v1.ReplicaSetConditionType"),
  }, { required: ["replicas"] })),
});

/** A ReplicationController, which selects by plain labels. */
export const replicationController = objectOf("io.k8s.api.core.v1", "ReplicationController", {
  spec: always(coreStruct("ReplicationControllerSpec", {
    replicas: pointer(int32),
    minReadySeconds: int32,
    selector: { ...mapOf(text), "x-kubernetes-map-type": "atomic" },
    template: podTemplate,
  })),
  status: always(coreStruct("ReplicationControllerStatus", {
    ...fields(int32, "replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas"),
    observedGeneration: int64,
    conditions: mergedList(
      coreStruct("ReplicationControllerCondition", {
        type: named("v1.ReplicationControllerConditionType"),
        status: named("v1.ConditionStatus"),
        lastTransitionTime: time,
        ...fields(text, "reason", "message"),
      }, { required: ["type", "status"] }),
      "type",
    ),
  }, { required: ["replicas"] })),
});

/** A DaemonSet. */
export const daemonSet = objectOf(APPS, "DaemonSet", {
  spec: always(struct("DaemonSetSpec", {
    selector: labelSelector,
    template: always(podTemplate),
    updateStrategy: always(struct("DaemonSetUpdateStrategy", {
      type: named("v1.DaemonSetUpdateStrategyType"),
      rollingUpdate: struct("RollingUpdateDaemonSet", fields(pointer(intOrString), "maxUnavailable", "maxSurge")),
    })),
    minReadySeconds: int32,
    revisionHistoryLimit: pointer(int32),
  }, { required: ["selector", "template"] })),
  status: always(struct("DaemonSetStatus", {
    ...fields(int32, "currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady"),
    observedGeneration: int64,
    ...fields(int32, "updatedNumberScheduled", "numberAvailable", "numberUnavailable"),
    collisionCount: pointer(int32),
    conditions: conditionOf("DaemonSetCondition", "v1.DaemonSetConditionType"),
  }, { required: ["currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady"] })),
});

/** A StatefulSet. */
export const statefulSet = objectOf(APPS, "StatefulSet", {
  spec: always(struct("StatefulSetSpec", {
    replicas: pointer(int32),
    selector: labelSelector,
    template: always(podTemplate),
    volumeClaimTemplates: listOf(persistentVolumeClaim),
    serviceName: text,
    podManagementPolicy: named("v1.PodManagementPolicyType"),
    updateStrategy: always(struct("StatefulSetUpdateStrategy", {
      type: named("v1.StatefulSetUpdateStrategyType"),
      rollingUpdate: struct("RollingUpdateStatefulSetStrategy", {
        partition: pointer(int32),
        maxUnavailable: pointer(intOrString),
      }),
    })),
    revisionHistoryLimit: pointer(int32),
    minReadySeconds: int32,
    persistentVolumeClaimRetentionPolicy: struct(
      "StatefulSetPersistentVolumeClaimRetentionPolicy",
      fields(named("v1.PersistentVolumeClaimRetentionPolicyType"), "whenDeleted", "whenScaled"),
    ),
    ordinals: struct("StatefulSetOrdinals", { start: int32 }),
  }, { required: ["selector", "template", "serviceName"] })),
  status: always(struct("StatefulSetStatus", {
    observedGeneration: int64,
    ...fields(int32, "replicas", "readyReplicas", "currentReplicas", "updatedReplicas"),
    ...fields(text, "currentRevision", "updateRevision"),
    collisionCount: pointer(int32),
    conditions: conditionOf("StatefulSetCondition", "v1.StatefulSetConditionType"),
    availableReplicas: always(int32),
  }, { required: ["replicas"] })),
});

const failurePolicyRule = batchStruct("PodFailurePolicyRule", {
  action: named("v1.PodFailurePolicyAction"),
  onExitCodes: batchStruct("PodFailurePolicyOnExitCodesRequirement", {
    containerName: pointer(text),
    operator: named("v1.PodFailurePolicyOnExitCodesOperator"),
    values: setOf(int32),
  }, { required: ["operator", "values"] }),
  onPodConditions: atomicList(batchStruct("PodFailurePolicyOnPodConditionsPattern", {
    type: named("v1.PodConditionType"),
    status: named("v1.ConditionStatus"),
  }, { required: ["type", "status"] })),
}, { required: ["action"] });

const jobSpec = batchStruct("JobSpec", {
  ...fields(pointer(int32), "parallelism", "completions"),
  activeDeadlineSeconds: pointer(int64),
  podFailurePolicy: batchStruct("PodFailurePolicy", { rules: atomicList(failurePolicyRule) }, { required: ["rules"] }),
  backoffLimit: pointer(int32),
  selector: labelSelector,
  manualSelector: pointer(flag),
  template: always(podTemplate),
  ttlSecondsAfterFinished: pointer(int32),
  completionMode: pointer(named("v1.CompletionMode")),
  suspend: pointer(flag),
}, { required: ["template"] });

/** A Job. */
export const job = objectOf(BATCH, "Job", {
  spec: always(jobSpec),
  status: always(batchStruct("JobStatus", {
    conditions: {
      ...mergedList(
        batchStruct("JobCondition", {
          type: named("v1.JobConditionType"),
          status: named("v1.ConditionStatus"),
          ...fields(time, "lastProbeTime", "lastTransitionTime"),
          ...fields(text, "reason", "message"),
        }, { required: ["type", "status"] }),
        "type",
      ),
      "x-kubernetes-list-type": "atomic",
    },
    ...fields(pointer(time), "startTime", "completionTime"),
    ...fields(int32, "active", "succeeded", "failed"),
    completedIndexes: text,
    uncountedTerminatedPods: batchStruct(
      "UncountedTerminatedPods",
      fields(setOf(named("types.UID")), "succeeded", "failed"),
    ),
    ready: pointer(int32),
  })),
});

/** A CronJob. */
export const cronJob = objectOf(BATCH, "CronJob", {
  spec: always(batchStruct("CronJobSpec", {
    schedule: text,
    timeZone: pointer(text),
    startingDeadlineSeconds: pointer(int64),
    concurrencyPolicy: named("v1.ConcurrencyPolicy"),
    suspend: pointer(flag),
    jobTemplate: always(batchStruct("JobTemplateSpec", { metadata: always(objectMeta), spec: always(jobSpec) })),
    ...fields(pointer(int32), "successfulJobsHistoryLimit", "failedJobsHistoryLimit"),
  }, { required: ["schedule", "jobTemplate"] })),
  status: always(batchStruct("CronJobStatus", {
    active: atomicList(objectReference),
    ...fields(pointer(time), "lastScheduleTime", "lastSuccessfulTime"),
  })),
});
