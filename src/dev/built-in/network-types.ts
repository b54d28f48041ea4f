// The kinds of `networking.k8s.io/v1` and `discovery.k8s.io/v1`, and their older versions. (data)

import type { Schema } from "../kube/schema.ts";
import { condition, labelSelector, objectOf } from "./meta-types.ts";
import { coreStruct, objectReference, typedLocalObjectReference } from "./reference-types.ts";
import {
  always,
  atomicList,
  fields,
  flag,
  int32,
  intOrString,
  listOf,
  mapOf,
  mergedList,
  named,
  pointer,
  setOf,
  structsOf,
  text,
} from "./schema-builder.ts";

const NETWORKING = "io.k8s.api.networking.v1";
const struct = structsOf(NETWORKING);

const tlsOf = (make: typeof struct) => make("IngressTLS", { hosts: atomicList(text), secretName: text });

const rulesOf = (make: typeof struct, path: Schema) => {
  const http = make("HTTPIngressRuleValue", { paths: atomicList(path) }, { required: ["paths"] });
  return atomicList(make("IngressRule", { host: text, http }));
};

const backend = struct("IngressBackend", {
  service: struct("IngressServiceBackend", {
    name: text,
    port: always(struct("ServiceBackendPort", { name: text, number: int32 })),
  }, { required: ["name"] }),
  resource: typedLocalObjectReference,
});

const path = struct("HTTPIngressPath", {
  path: text,
  pathType: pointer(named("v1.PathType")),
  backend: always(backend),
}, {
  required: ["pathType", "backend"],
});

const portStatus = struct("IngressPortStatus", { port: int32, protocol: named("v1.Protocol"), error: pointer(text) }, {
  required: ["port", "protocol"],
});
const balancerStatus = struct("IngressLoadBalancerStatus", {
  ingress: listOf(
    struct("IngressLoadBalancerIngress", { ...fields(text, "ip", "hostname"), ports: atomicList(portStatus) }),
  ),
});

/** An Ingress. */
export const ingress = objectOf(NETWORKING, "Ingress", {
  spec: always(struct("IngressSpec", {
    ingressClassName: pointer(text),
    defaultBackend: backend,
    tls: atomicList(tlsOf(struct)),
    rules: rulesOf(struct, path),
  })),
  status: always(struct("IngressStatus", { loadBalancer: always(balancerStatus) })),
}, {
  description:
    "Ingress is a collection of rules that allow inbound connections to reach the endpoints defined by a backend.",
});

/** The Ingress of `networking.k8s.io/v1beta1` or `extensions/v1beta1`. @param group the package: `networking` */
export function betaIngress(group: "networking" | "extensions"): Schema {
  const packagePath = `io.k8s.api.${group}.v1beta1`;
  const make = structsOf(packagePath);
  const old = make("IngressBackend", {
    serviceName: text,
    servicePort: always(intOrString),
    resource: typedLocalObjectReference,
  });
  const oldPath = make("HTTPIngressPath", {
    path: text,
    pathType: pointer(named("v1beta1.PathType")),
    backend: always(old),
  }, {
    required: ["backend"],
  });
  const balancer = coreStruct("LoadBalancerStatus", {
    ingress: listOf(coreStruct("LoadBalancerIngress", fields(text, "ip", "hostname"))),
  });
  return objectOf(packagePath, "Ingress", {
    spec: always(make("IngressSpec", {
      ingressClassName: pointer(text),
      backend: old,
      tls: listOf(tlsOf(make)),
      rules: rulesOf(make, oldPath),
    })),
    status: always(make("IngressStatus", { loadBalancer: always(balancer) })),
  });
}

const classParameters = (make: typeof struct) =>
  make("IngressClassParametersReference", {
    apiGroup: pointer(text),
    ...fields(text, "kind", "name"),
    ...fields(pointer(text), "scope", "namespace"),
  }, {
    required: ["kind", "name"],
  });

/** An IngressClass. @param version default: `v1` */
export function ingressClassOf(version: "v1" | "v1beta1"): Schema {
  const make = structsOf(`io.k8s.api.networking.${version}`);
  return objectOf(`io.k8s.api.networking.${version}`, "IngressClass", {
    spec: always(make("IngressClassSpec", {
      controller: text,
      parameters: version === "v1" ? classParameters(make) : typedLocalObjectReference,
    })),
  });
}

const policyPort = struct("NetworkPolicyPort", {
  protocol: pointer(named("v1.Protocol")),
  port: pointer(intOrString),
  endPort: pointer(int32),
});
const policyPeer = struct("NetworkPolicyPeer", {
  podSelector: labelSelector,
  namespaceSelector: labelSelector,
  ipBlock: struct("IPBlock", { cidr: text, except: listOf(text) }, { required: ["cidr"] }),
});

/** A NetworkPolicy. */
export const networkPolicy = objectOf(NETWORKING, "NetworkPolicy", {
  spec: always(struct("NetworkPolicySpec", {
    podSelector: always(labelSelector),
    ingress: listOf(struct("NetworkPolicyIngressRule", { ports: listOf(policyPort), from: listOf(policyPeer) })),
    egress: listOf(struct("NetworkPolicyEgressRule", { ports: listOf(policyPort), to: listOf(policyPeer) })),
    policyTypes: listOf(named("v1.PolicyType")),
  }, { required: ["podSelector"] })),
  status: always(struct("NetworkPolicyStatus", { conditions: mergedList(condition, "type") })),
});

/** An EndpointSlice. */
export function endpointSliceOf(version: "v1" | "v1beta1"): Schema {
  const packagePath = `io.k8s.api.discovery.${version}`;
  const make = structsOf(packagePath);
  const zones = atomicList(make("ForZone", { name: text }, { required: ["name"] }));
  const endpoint = make("Endpoint", {
    addresses: setOf(text),
    conditions: always(make("EndpointConditions", fields(pointer(flag), "ready", "serving", "terminating"))),
    hostname: pointer(text),
    targetRef: objectReference,
    ...(version === "v1"
      ? {
        deprecatedTopology: mapOf(text),
        ...fields(pointer(text), "nodeName", "zone"),
        hints: make("EndpointHints", { forZones: zones }),
      }
      : { topology: mapOf(text), nodeName: pointer(text) }),
  }, { required: ["addresses"] });
  const port = make("EndpointPort", {
    name: pointer(text),
    protocol: pointer(named("v1.Protocol")),
    port: pointer(int32),
    appProtocol: pointer(text),
  }, { atomic: true });
  return objectOf(packagePath, "EndpointSlice", {
    addressType: named(`${version}.AddressType`),
    endpoints: atomicList(endpoint),
    ports: always(atomicList(port)),
  }, { required: ["addressType", "endpoints"] });
}
