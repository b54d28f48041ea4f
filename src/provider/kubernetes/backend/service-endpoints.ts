// A Service, its port and its type → the endpoints behind it.

import { quoteValue } from "../../../schema/issues.ts";
import { hintFor } from "../../../schema/suggest.ts";
import type { ProblemText } from "../parse.ts";
import { authorise, type Referrer } from "../reference.ts";
import { traefikGroups } from "../traefik-group.ts";
import { type BackendField, type BackendRef, pathOf, serviceReference } from "./backend-ref.ts";
import { type BackendContext, report } from "./context.ts";
import { type Endpoint, endpointsOf, protocolOf } from "./endpoints.ts";
import { nodeEndpoints } from "./node-endpoints.ts";
import type { EndpointSlice, ServicePort, ServiceSpec } from "./schema.ts";
import { noNodePort, otherProtocol, portOf } from "./service-port.ts";

/** A port of a Service and what is behind it. */
export interface ServiceEndpoints {
  readonly service: ServiceSpec;
  readonly port: ServicePort;
  /** Empty when there are none at the moment. */
  readonly endpoints: readonly Endpoint[];
}

/** @returns undefined when something is wrong, which has been reported */
export function endpointsOfRef(
  context: BackendContext,
  ref: BackendRef,
  referrer: Referrer,
): ServiceEndpoints | undefined {
  const fail = (field: BackendField, text: ProblemText) =>
    report(context, { source: referrer.source, path: pathOf(ref, field) }, text);
  const service = findService(context, ref, referrer);
  if (service === undefined) return undefined;
  const port = portOf(service, ref);
  if ("message" in port) return void fail("port", port);
  if (protocolOf(port) !== ref.protocol) fail("port", otherProtocol(port, ref));
  if (ref.nodePortLB === true && (port.nodePort ?? 0) === 0) fail("nodePortLB", noNodePort(service, port));
  const namespace = ref.namespace ?? referrer.namespace;
  const endpoints = endpointsByType(context, ref, { service, port, namespace });
  if ("problem" in endpoints) return void fail(endpoints.field, endpoints.problem);
  return { service, port, endpoints };
}

function findService(context: BackendContext, ref: BackendRef, referrer: Referrer): ServiceSpec | undefined {
  const target = authorise(serviceReference(ref), referrer, context.options);
  if (target.type === "refused") {
    context.problems.push(target.problem);
    return undefined;
  }
  const namespace = ref.namespace ?? referrer.namespace;
  const object = context.snapshot.get("/Service", namespace, ref.name);
  const place = { source: referrer.source, path: pathOf(ref, "name") };
  if (object === undefined) {
    report(context, place, missingService(context, ref.name, namespace));
    return undefined;
  }
  const { value, problems } = context.parser.service(object);
  context.problems.push(...problems);
  if (value === undefined) {
    const name = quoteValue(`${namespace}/${ref.name}`);
    report(context, place, { code: "unusable-reference", message: `the Service ${name} has errors of its own` });
  }
  return value;
}

/** A Service worked out as far as its port. */
interface Target {
  readonly service: ServiceSpec;
  readonly port: ServicePort;
  readonly namespace: string;
}

/** What is wrong, and with which field. */
interface Failure {
  readonly field: BackendField;
  readonly problem: ProblemText;
}

function endpointsByType(context: BackendContext, ref: BackendRef, target: Target): readonly Endpoint[] | Failure {
  const { service, port, namespace } = target;
  if (service.type === "ExternalName") return externalEndpoint(context, ref, target);
  const asked = addressesAskedFor(context, ref, target);
  const isDecided = asked !== undefined && ("problem" in asked || context.options.endpointsOnly !== true);
  return isDecided ? asked : rememberedEndpoints(slicesOf(context, namespace, ref.name), port);
}

/** @returns undefined: the endpoints themselves */
function addressesAskedFor(
  context: BackendContext,
  ref: BackendRef,
  target: Target,
): readonly Endpoint[] | Failure | undefined {
  const nodePort = ref.nodePortLB === true ? target.port.nodePort ?? 0 : 0;
  if (ref.nativeLB ?? (context.options.nativeLBByDefault && nodePort === 0)) return nativeEndpoint(ref, target);
  if (nodePort === 0) return undefined;
  const found = nodeEndpoints(context, nodePort);
  return "code" in found ? { field: "nodePortLB", problem: found } : found;
}

function externalEndpoint(
  { options }: BackendContext,
  ref: BackendRef,
  { service, port }: Target,
): readonly Endpoint[] | Failure {
  if (!options.allowExternalNameServices) return externalNameRefused(ref.name, options.optionPrefix);
  const host = service.externalName ?? "";
  return host === "" ? noExternalName(ref.name) : [{ host, port: port.port, fenced: false }];
}

function nativeEndpoint(ref: BackendRef, { service, port }: Target): readonly Endpoint[] | Failure {
  const host = service.clusterIP ?? "";
  return host === "" || host === "None" ? headlessNative(ref.name) : [{ host, port: port.port, fenced: false }];
}

const remembered = new WeakMap<
  ServicePort,
  { readonly slices: readonly EndpointSlice[]; readonly endpoints: readonly Endpoint[] }
>();

/** Parsed once, a Service has the same ports and its slices are the same values until they change. */
function rememberedEndpoints(slices: readonly EndpointSlice[], port: ServicePort): readonly Endpoint[] {
  const known = remembered.get(port);
  const isSame = known?.slices.length === slices.length &&
    known.slices.every((slice, index) => slice === slices[index]);
  if (known !== undefined && isSame) return known.endpoints;
  const endpoints = endpointsOf(slices, port);
  remembered.set(port, { slices, endpoints });
  return endpoints;
}

function slicesOf({ snapshot, parser, problems: all }: BackendContext, namespace: string, name: string) {
  const slices: EndpointSlice[] = [];
  for (const object of snapshot.slicesOf(namespace, name)) {
    const { value, problems } = parser.endpointSlice(object);
    all.push(...problems);
    if (value !== undefined) slices.push(value);
  }
  return slices;
}

const MAX_NAMES = 200; // to look for a similar name in: a namespace of thousands must not cost seconds

function missingService({ snapshot }: BackendContext, name: string, namespace: string): ProblemText {
  const [elsewhere] = snapshot.namespacesWith("/Service", name);
  const isTraefikService = name.includes("@") ||
    traefikGroups.some((group) => snapshot.get(`${group}/TraefikService`, namespace, name) !== undefined);
  const hint = isTraefikService
    ? "did you mean kind: TraefikService?"
    : elsewhere !== undefined
    ? `there is one in the namespace ${quoteValue(elsewhere)}`
    : hintFor(name, snapshot.namesIn("/Service", namespace).slice(0, MAX_NAMES));
  return {
    code: "missing-service",
    message: `there is no Service ${quoteValue(name)} in the namespace ${quoteValue(namespace)}`,
    ...(hint !== undefined && { hint }),
  };
}

function externalNameRefused(name: string, optionPrefix: string): Failure {
  return {
    field: "name",
    problem: {
      code: "external-name",
      message: `the Service ${quoteValue(name)} is of type ExternalName, which is not allowed`,
      hint: `set ${optionPrefix}.allowExternalNameServices=true to allow it`,
    },
  };
}

function noExternalName(name: string): Failure {
  const message = `the Service ${quoteValue(name)} has no externalName`;
  return { field: "name", problem: { code: "missing-field", message } };
}

function headlessNative(name: string): Failure {
  return {
    field: "nativeLB",
    problem: {
      code: "headless-service",
      message: `nativeLB needs a cluster IP, and the Service ${quoteValue(name)} is headless`,
      hint: "set nativeLB: false for it",
    },
  };
}
