// Where pods may run: affinity, tolerations, spread. (data)

import { labelSelector } from "./meta-types.ts";
import { coreStruct } from "./reference-types.ts";
import { fields, int32, int64, listOf, named, pointer, text } from "./schema-builder.ts";

const nodeSelectorRequirement = coreStruct("NodeSelectorRequirement", {
  key: text,
  operator: named("v1.NodeSelectorOperator"),
  values: listOf(text),
}, { required: ["key", "operator"] });

const nodeSelectorTerm = coreStruct(
  "NodeSelectorTerm",
  fields(listOf(nodeSelectorRequirement), "matchExpressions", "matchFields"),
  { atomic: true },
);

/** Which Nodes are meant. */
export const nodeSelector = coreStruct("NodeSelector", { nodeSelectorTerms: listOf(nodeSelectorTerm) }, {
  required: ["nodeSelectorTerms"],
  atomic: true,
});

const preferredSchedulingTerm = coreStruct("PreferredSchedulingTerm", { weight: int32, preference: nodeSelectorTerm }, {
  required: ["weight", "preference"],
});

const podAffinityTerm = coreStruct("PodAffinityTerm", {
  labelSelector,
  namespaces: listOf(text),
  topologyKey: text,
  namespaceSelector: labelSelector,
}, { required: ["topologyKey"] });

const weightedPodAffinityTerm = coreStruct("WeightedPodAffinityTerm", { weight: int32, podAffinityTerm }, {
  required: ["weight", "podAffinityTerm"],
});

const podTerms = {
  requiredDuringSchedulingIgnoredDuringExecution: listOf(podAffinityTerm),
  preferredDuringSchedulingIgnoredDuringExecution: listOf(weightedPodAffinityTerm),
};

/** `affinity` of a pod. */
export const affinity = coreStruct("Affinity", {
  nodeAffinity: coreStruct("NodeAffinity", {
    requiredDuringSchedulingIgnoredDuringExecution: nodeSelector,
    preferredDuringSchedulingIgnoredDuringExecution: listOf(preferredSchedulingTerm),
  }),
  podAffinity: coreStruct("PodAffinity", podTerms),
  podAntiAffinity: coreStruct("PodAntiAffinity", podTerms),
});

/** One of a pod's tolerations. */
export const toleration = coreStruct("Toleration", {
  key: text,
  operator: named("v1.TolerationOperator"),
  value: text,
  effect: named("v1.TaintEffect"),
  tolerationSeconds: pointer(int64),
});

/** One of a pod's spread constraints. */
export const topologySpreadConstraint = coreStruct("TopologySpreadConstraint", {
  maxSkew: int32,
  topologyKey: text,
  whenUnsatisfiable: named("v1.UnsatisfiableConstraintAction"),
  labelSelector,
  minDomains: pointer(int32),
  nodeAffinityPolicy: pointer(named("v1.NodeInclusionPolicy")),
  nodeTaintsPolicy: pointer(named("v1.NodeInclusionPolicy")),
  matchLabelKeys: listOf(text),
}, { required: ["maxSkew", "topologyKey", "whenUnsatisfiable"] });
