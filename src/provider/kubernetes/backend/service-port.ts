// Which port of a Service a reference means.

import { quoteValue } from "../../../schema/issues.ts";
import type { ProblemText } from "../parse.ts";
import type { BackendRef } from "./backend-ref.ts";
import { protocolOf } from "./endpoints.ts";
import type { ServicePort, ServiceSpec } from "./schema.ts";

/**
 * By number or by name; a name made of digits is a number that was quoted. Of two ports that fit (DNS has 53 twice)
 * the one of the wanted protocol.
 */
export function portOf(service: ServiceSpec, { port: wanted, protocol }: BackendRef): ServicePort | ProblemText {
  const ports = service.ports ?? [];
  if (wanted === undefined || wanted === 0 || wanted === "") {
    const message = `"port" is missing: it must be a port number or the name of a port`;
    return { code: "missing-field", message, ...knownPorts(ports) };
  }
  const number = numberOf(wanted);
  const byName = ports.filter((port) => port.name !== undefined && port.name === wanted);
  const fitting = byName.length > 0 ? byName : ports.filter((port) => port.port === number);
  const found = fitting.find((port) => protocolOf(port) === protocol) ?? fitting[0];
  if (found !== undefined) return found;
  // An ExternalName Service needs no ports: the route's own number is then the one to dial.
  if (service.type === "ExternalName" && number !== undefined) return { port: number, protocol };
  const message = `the Service has no port ${quoteValue(wanted)}`;
  return { code: "missing-port", message, ...knownPorts(ports) };
}

function numberOf(port: number | string): number | undefined {
  if (typeof port === "number") return port;
  return /^[0-9]+$/.test(port) ? Number(port) : undefined;
}

function knownPorts(ports: readonly ServicePort[]): { readonly hint?: string } {
  const known = ports.map((port) => port.name === undefined ? `${port.port}` : `${port.port} (${port.name})`);
  return known.length === 0 ? {} : { hint: `the Service has ${known.join(", ")}` };
}

/** What is odd about a port that was found, though it is used; as in Traefik, which looks at neither. */
export function otherProtocol(port: ServicePort, { name, protocol }: BackendRef): ProblemText {
  return {
    severity: "warning",
    code: "other-protocol",
    message: `the port ${port.port} of the Service ${quoteValue(name)} is ${protocolOf(port)}, not ${protocol}; ` +
      `its endpoints are spoken to in ${protocol}`,
    hint: `write protocol: ${protocol} at that port of the Service`,
  };
}

/** As in Traefik, which looks at the type of the Service before it looks at the option. */
export function noNodePort({ type = "ClusterIP" }: ServiceSpec, { port }: ServicePort): ProblemText {
  return {
    severity: "warning",
    code: "no-node-port",
    message: `"nodePortLB" has no effect: the Nodes open no port for the Service's port ${port}`,
    hint: `the Service is of type ${type}; it must be NodePort or LoadBalancer`,
  };
}
