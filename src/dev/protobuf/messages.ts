// Field numbers of the Kubernetes messages that kubectl sends as protobuf: what its `create` commands make. (data)

/** How a field becomes JSON. */
export type FieldType =
  | "string"
  | "int"
  | "bool"
  | "intOrString"
  | "time"
  | "strings"
  | "stringMap"
  | "bytesMap"
  | { readonly one: string }
  | { readonly many: string }
  /** The fields of the message stand in the parent's JSON. */
  | { readonly inline: string };

/** A message: field number → JSON name and type. Fields not listed are left out. */
export type MessageShape = Readonly<Record<number, readonly [name: string, type: FieldType]>>;

const metadata = ["metadata", { one: "ObjectMeta" }] as const;

/** By the name of the kind or of the nested message. */
export const messages: Readonly<Record<string, MessageShape>> = {
  ObjectMeta: {
    1: ["name", "string"],
    2: ["generateName", "string"],
    3: ["namespace", "string"],
    5: ["uid", "string"],
    6: ["resourceVersion", "string"],
    7: ["generation", "int"],
    8: ["creationTimestamp", "time"],
    11: ["labels", "stringMap"],
    12: ["annotations", "stringMap"],
    14: ["finalizers", "strings"],
  },
  ConfigMap: { 1: metadata, 2: ["data", "stringMap"], 3: ["binaryData", "bytesMap"], 4: ["immutable", "bool"] },
  Secret: {
    1: metadata,
    2: ["data", "bytesMap"],
    3: ["type", "string"],
    4: ["stringData", "stringMap"],
    5: ["immutable", "bool"],
  },
  DeleteOptions: {
    1: ["gracePeriodSeconds", "int"],
    2: ["preconditions", { one: "Preconditions" }],
    3: ["orphanDependents", "bool"],
    4: ["propagationPolicy", "string"],
    5: ["dryRun", "strings"],
  },
  Preconditions: { 1: ["uid", "string"], 2: ["resourceVersion", "string"] },
  LocalSubjectAccessReview: { 1: metadata, 2: ["spec", { one: "SubjectAccessReviewSpec" }] },
  SelfSubjectAccessReview: { 1: metadata, 2: ["spec", { one: "SelfSubjectAccessReviewSpec" }] },
  SelfSubjectAccessReviewSpec: {
    1: ["resourceAttributes", { one: "ResourceAttributes" }],
    2: ["nonResourceAttributes", { one: "NonResourceAttributes" }],
  },
  SelfSubjectReview: { 1: metadata },
  SelfSubjectRulesReview: { 1: metadata, 2: ["spec", { one: "SelfSubjectRulesReviewSpec" }] },
  SelfSubjectRulesReviewSpec: { 1: ["namespace", "string"] },
  SubjectAccessReview: { 1: metadata, 2: ["spec", { one: "SubjectAccessReviewSpec" }] },
  SubjectAccessReviewSpec: {
    1: ["resourceAttributes", { one: "ResourceAttributes" }],
    2: ["nonResourceAttributes", { one: "NonResourceAttributes" }],
    3: ["user", "string"],
    4: ["groups", "strings"],
    6: ["uid", "string"],
  },
  ResourceAttributes: {
    1: ["namespace", "string"],
    2: ["verb", "string"],
    3: ["group", "string"],
    4: ["version", "string"],
    5: ["resource", "string"],
    6: ["subresource", "string"],
    7: ["name", "string"],
  },
  NonResourceAttributes: { 1: ["path", "string"], 2: ["verb", "string"] },
  TokenRequest: { 1: metadata, 2: ["spec", { one: "TokenRequestSpec" }] },
  TokenRequestSpec: { 1: ["audiences", "strings"], 4: ["expirationSeconds", "int"] },
  TokenReview: { 1: metadata, 2: ["spec", { one: "TokenReviewSpec" }] },
  TokenReviewSpec: { 1: ["token", "string"], 2: ["audiences", "strings"] },
  ClusterRole: { 1: metadata, 2: ["rules", { many: "PolicyRule" }] },
  ClusterRoleBinding: { 1: metadata, 2: ["subjects", { many: "Subject" }], 3: ["roleRef", { one: "RoleRef" }] },
  Role: { 1: metadata, 2: ["rules", { many: "PolicyRule" }] },
  RoleBinding: { 1: metadata, 2: ["subjects", { many: "Subject" }], 3: ["roleRef", { one: "RoleRef" }] },
  PolicyRule: {
    1: ["verbs", "strings"],
    2: ["apiGroups", "strings"],
    3: ["resources", "strings"],
    4: ["resourceNames", "strings"],
    5: ["nonResourceURLs", "strings"],
  },
  RoleRef: { 1: ["apiGroup", "string"], 2: ["kind", "string"], 3: ["name", "string"] },
  Subject: { 1: ["kind", "string"], 2: ["apiGroup", "string"], 3: ["name", "string"], 4: ["namespace", "string"] },
  PodDisruptionBudget: { 1: metadata, 2: ["spec", { one: "PodDisruptionBudgetSpec" }] },
  PodDisruptionBudgetSpec: {
    1: ["minAvailable", "intOrString"],
    2: ["selector", { one: "LabelSelector" }],
    3: ["maxUnavailable", "intOrString"],
  },
  Namespace: { 1: metadata },
  ServiceAccount: { 1: metadata },
  Service: { 1: metadata, 2: ["spec", { one: "ServiceSpec" }] },
  ServiceSpec: {
    1: ["ports", { many: "ServicePort" }],
    2: ["selector", "stringMap"],
    3: ["clusterIP", "string"],
    4: ["type", "string"],
    5: ["externalIPs", "strings"],
    7: ["sessionAffinity", "string"],
    10: ["externalName", "string"],
    18: ["clusterIPs", "strings"],
  },
  ServicePort: {
    1: ["name", "string"],
    2: ["protocol", "string"],
    3: ["port", "int"],
    4: ["targetPort", "intOrString"],
    5: ["nodePort", "int"],
    6: ["appProtocol", "string"],
  },
  Deployment: { 1: metadata, 2: ["spec", { one: "DeploymentSpec" }] },
  DeploymentSpec: {
    1: ["replicas", "int"],
    2: ["selector", { one: "LabelSelector" }],
    3: ["template", { one: "PodTemplateSpec" }],
  },
  LabelSelector: { 1: ["matchLabels", "stringMap"], 2: ["matchExpressions", { many: "LabelSelectorRequirement" }] },
  LabelSelectorRequirement: { 1: ["key", "string"], 2: ["operator", "string"], 3: ["values", "strings"] },
  PodTemplateSpec: { 1: metadata, 2: ["spec", { one: "PodSpec" }] },
  PodSpec: {
    2: ["containers", { many: "Container" }],
    3: ["restartPolicy", "string"],
    6: ["dnsPolicy", "string"],
    7: ["nodeSelector", "stringMap"],
    8: ["serviceAccountName", "string"],
    11: ["hostNetwork", "bool"],
    20: ["initContainers", { many: "Container" }],
  },
  Container: {
    1: ["name", "string"],
    2: ["image", "string"],
    3: ["command", "strings"],
    4: ["args", "strings"],
    5: ["workingDir", "string"],
    6: ["ports", { many: "ContainerPort" }],
    7: ["env", { many: "EnvVar" }],
    14: ["imagePullPolicy", "string"],
  },
  ContainerPort: {
    1: ["name", "string"],
    2: ["hostPort", "int"],
    3: ["containerPort", "int"],
    4: ["protocol", "string"],
  },
  EnvVar: { 1: ["name", "string"], 2: ["value", "string"] },
  Ingress: { 1: metadata, 2: ["spec", { one: "IngressSpec" }] },
  IngressSpec: {
    1: ["defaultBackend", { one: "IngressBackend" }],
    2: ["tls", { many: "IngressTLS" }],
    3: ["rules", { many: "IngressRule" }],
    4: ["ingressClassName", "string"],
  },
  IngressBackend: { 4: ["service", { one: "IngressServiceBackend" }] },
  IngressServiceBackend: { 1: ["name", "string"], 2: ["port", { one: "ServiceBackendPort" }] },
  ServiceBackendPort: { 1: ["name", "string"], 2: ["number", "int"] },
  IngressTLS: { 1: ["hosts", "strings"], 2: ["secretName", "string"] },
  IngressRule: { 1: ["host", "string"], 2: ["", { inline: "IngressRuleValue" }] },
  IngressRuleValue: { 1: ["http", { one: "HTTPIngressRuleValue" }] },
  HTTPIngressRuleValue: { 1: ["paths", { many: "HTTPIngressPath" }] },
  HTTPIngressPath: { 1: ["path", "string"], 2: ["backend", { one: "IngressBackend" }], 3: ["pathType", "string"] },
};
