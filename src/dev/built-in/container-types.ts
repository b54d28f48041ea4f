// Containers of a pod, as users write them. (data)

import type { Schema } from "../kube/schema.ts";
import {
  configMapKeySelector,
  coreStruct,
  localObjectReference,
  objectFieldSelector,
  resourceFieldSelector,
  secretKeySelector,
} from "./reference-types.ts";
import {
  always,
  type Fields,
  fields,
  flag,
  int32,
  int64,
  intOrString,
  keyedList,
  listOf,
  mapOf,
  mergedList,
  named,
  pointer,
  quantity,
  text,
} from "./schema-builder.ts";

/** cpu, memory and others by name. */
export const resourceList = mapOf(quantity);

/** What a container asks for and may use. */
export const resourceRequirements = coreStruct("ResourceRequirements", {
  ...fields(resourceList, "limits", "requests"),
  claims: keyedList(coreStruct("ResourceClaim", { name: text }, { required: ["name"] }), "name"),
});

const seLinuxOptions = coreStruct("SELinuxOptions", fields(text, "user", "role", "type", "level"));

const windowsOptions = coreStruct("WindowsSecurityContextOptions", {
  ...fields(pointer(text), "gmsaCredentialSpecName", "gmsaCredentialSpec", "runAsUserName"),
  hostProcess: pointer(flag),
});

const seccompProfile = coreStruct("SeccompProfile", {
  type: named("v1.SeccompProfileType"),
  localhostProfile: pointer(text),
}, { required: ["type"] });

const capabilities = coreStruct("Capabilities", fields(listOf(named("v1.Capability")), "add", "drop"));

const securityContext = coreStruct("SecurityContext", {
  capabilities,
  privileged: pointer(flag),
  seLinuxOptions,
  windowsOptions,
  ...fields(pointer(int64), "runAsUser", "runAsGroup"),
  ...fields(pointer(flag), "runAsNonRoot", "readOnlyRootFilesystem", "allowPrivilegeEscalation"),
  procMount: pointer(named("v1.ProcMountType")),
  seccompProfile,
});

/** `securityContext` of a pod. */
export const podSecurityContext = coreStruct("PodSecurityContext", {
  seLinuxOptions,
  windowsOptions,
  ...fields(pointer(int64), "runAsUser", "runAsGroup"),
  runAsNonRoot: pointer(flag),
  supplementalGroups: listOf(int64),
  fsGroup: pointer(int64),
  sysctls: listOf(coreStruct("Sysctl", fields(text, "name", "value"), { required: ["name", "value"] })),
  fsGroupChangePolicy: pointer(named("v1.PodFSGroupChangePolicy")),
  seccompProfile,
});

const envVarSource = coreStruct("EnvVarSource", {
  fieldRef: objectFieldSelector,
  resourceFieldRef: resourceFieldSelector,
  configMapKeyRef: configMapKeySelector,
  secretKeyRef: secretKeySelector,
});

const envVar = coreStruct("EnvVar", { ...fields(text, "name", "value"), valueFrom: envVarSource }, {
  required: ["name"],
});

const envFromSource = coreStruct("EnvFromSource", {
  prefix: text,
  configMapRef: coreStruct("ConfigMapEnvSource", { name: text, optional: pointer(flag) }),
  secretRef: coreStruct("SecretEnvSource", { name: text, optional: pointer(flag) }),
});

const containerPort = coreStruct("ContainerPort", {
  name: text,
  ...fields(int32, "hostPort", "containerPort"),
  protocol: named("v1.Protocol"),
  hostIP: text,
}, { required: ["containerPort"] });

const execAction = coreStruct("ExecAction", { command: listOf(text) });
const httpHeader = coreStruct("HTTPHeader", fields(text, "name", "value"), { required: ["name", "value"] });
const httpGetAction = coreStruct("HTTPGetAction", {
  path: text,
  port: intOrString,
  host: text,
  scheme: named("v1.URIScheme"),
  httpHeaders: listOf(httpHeader),
}, { required: ["port"] });
const tcpSocketAction = coreStruct("TCPSocketAction", { port: intOrString, host: text }, { required: ["port"] });
const grpcAction = coreStruct("GRPCAction", { port: int32, service: pointer(text) }, { required: ["port"] });

const probe = coreStruct("Probe", {
  exec: execAction,
  httpGet: httpGetAction,
  tcpSocket: tcpSocketAction,
  grpc: grpcAction,
  ...fields(int32, "initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"),
  terminationGracePeriodSeconds: pointer(int64),
});

const lifecycleHandler = coreStruct("LifecycleHandler", {
  exec: execAction,
  httpGet: httpGetAction,
  tcpSocket: tcpSocketAction,
});

const lifecycle = coreStruct("Lifecycle", fields(lifecycleHandler, "postStart", "preStop"));

const volumeMount = coreStruct("VolumeMount", {
  name: text,
  readOnly: flag,
  ...fields(text, "mountPath", "subPath"),
  mountPropagation: pointer(named("v1.MountPropagationMode")),
  subPathExpr: text,
}, { required: ["name", "mountPath"] });

const volumeDevice = coreStruct("VolumeDevice", fields(text, "name", "devicePath"), {
  required: ["name", "devicePath"],
});

const containerFields: Fields = {
  ...fields(text, "name", "image"),
  ...fields(listOf(text), "command", "args"),
  workingDir: text,
  ports: mergedList(containerPort, "containerPort", ["containerPort", "protocol"]),
  envFrom: listOf(envFromSource),
  env: mergedList(envVar, "name"),
  resources: always(resourceRequirements),
  volumeMounts: mergedList(volumeMount, "mountPath"),
  volumeDevices: mergedList(volumeDevice, "devicePath"),
  ...fields(probe, "livenessProbe", "readinessProbe", "startupProbe"),
  lifecycle,
  terminationMessagePath: text,
  terminationMessagePolicy: named("v1.TerminationMessagePolicy"),
  imagePullPolicy: named("v1.PullPolicy"),
  securityContext,
  ...fields(flag, "stdin", "stdinOnce", "tty"),
};

/** One of a pod's containers. */
export const container: Schema = coreStruct("Container", containerFields, { required: ["name"] });

/** A container added while the pod runs. */
export const ephemeralContainer: Schema = coreStruct("EphemeralContainer", {
  ...containerFields,
  targetContainerName: text,
}, { required: ["name"] });

/** `imagePullSecrets` of pods and service accounts. */
export const imagePullSecrets: Schema = mergedList(localObjectReference, "name");
