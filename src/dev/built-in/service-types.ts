// Services and Endpoints. (data)

import { condition, objectOf } from "./meta-types.ts";
import { coreStruct, objectReference } from "./reference-types.ts";
import {
  always,
  atomicList,
  atomicMap,
  fields,
  flag,
  int32,
  intOrString,
  listOf,
  mergedList,
  named,
  pointer,
  text,
} from "./schema-builder.ts";

const servicePort = coreStruct("ServicePort", {
  name: text,
  protocol: named("v1.Protocol"),
  appProtocol: pointer(text),
  port: int32,
  targetPort: always(intOrString),
  nodePort: int32,
}, { required: ["port"], description: "ServicePort contains information on service's port." });

const serviceSpec = coreStruct("ServiceSpec", {
  ports: mergedList(servicePort, "port", ["port", "protocol"]),
  selector: atomicMap(text),
  clusterIP: text,
  clusterIPs: atomicList(text),
  type: named("v1.ServiceType"),
  externalIPs: listOf(text),
  sessionAffinity: named("v1.ServiceAffinity"),
  loadBalancerIP: text,
  loadBalancerSourceRanges: listOf(text),
  externalName: text,
  externalTrafficPolicy: named("v1.ServiceExternalTrafficPolicyType"),
  healthCheckNodePort: int32,
  publishNotReadyAddresses: flag,
  sessionAffinityConfig: coreStruct("SessionAffinityConfig", {
    clientIP: coreStruct("ClientIPConfig", { timeoutSeconds: pointer(int32) }),
  }),
  ipFamilies: atomicList(named("v1.IPFamily")),
  ipFamilyPolicy: pointer(named("v1.IPFamilyPolicyType")),
  allocateLoadBalancerNodePorts: pointer(flag),
  loadBalancerClass: pointer(text),
  internalTrafficPolicy: pointer(named("v1.ServiceInternalTrafficPolicyType")),
}, { description: "ServiceSpec describes the attributes that a user creates on a service." });

const portStatus = coreStruct("PortStatus", { port: int32, protocol: named("v1.Protocol"), error: pointer(text) }, {
  required: ["port", "protocol"],
});

const loadBalancerStatus = coreStruct("LoadBalancerStatus", {
  ingress: listOf(
    coreStruct("LoadBalancerIngress", { ...fields(text, "ip", "hostname"), ports: atomicList(portStatus) }),
  ),
});

const serviceStatus = coreStruct("ServiceStatus", {
  loadBalancer: always(loadBalancerStatus),
  conditions: mergedList(condition, "type"),
});

/** A Service. */
export const service = objectOf("io.k8s.api.core.v1", "Service", {
  spec: always(serviceSpec),
  status: always(serviceStatus),
}, {
  description:
    "Service is a named abstraction of software service (for example, mysql) consisting of local port (for example " +
    "3306) that the proxy listens on, and the selector that determines which pods will answer requests sent through " +
    "the proxy.",
});

const endpointAddress = coreStruct("EndpointAddress", {
  ...fields(text, "ip", "hostname"),
  nodeName: pointer(text),
  targetRef: objectReference,
}, { required: ["ip"], atomic: true });

const endpointPort = coreStruct("EndpointPort", {
  name: text,
  port: int32,
  protocol: named("v1.Protocol"),
  appProtocol: pointer(text),
}, { required: ["port"], atomic: true });

/** Endpoints. */
export const endpoints = objectOf("io.k8s.api.core.v1", "Endpoints", {
  subsets: listOf(coreStruct("EndpointSubset", {
    ...fields(listOf(endpointAddress), "addresses", "notReadyAddresses"),
    ports: listOf(endpointPort),
  })),
});
