// What EndpointSlices and Endpoints may not be.

import { type JsonObject, listAt, numberAt, textAt } from "../json.ts";
import { type Cause, invalidValue, required } from "../kube/status.ts";
import { tooMany, unsupported } from "../structural/cause.ts";
import { goQuote } from "../structural/go-value.ts";
import { duplicateCause, immutableCause, textCauses } from "./causes.ts";
import {
  endpointIpMistakes,
  ipMistakes,
  isIpv4,
  isIpv6,
  labelMistakes,
  qualifiedNameMistakes,
  subdomainMistakes,
} from "./formats.ts";
import { numberCauses } from "./service-rules.ts";

const ADDRESS_TYPES = ["FQDN", "IPv4", "IPv6"];
const PROTOCOLS = ["SCTP", "TCP", "UDP"];
const MOST_ADDRESSES = 100;
const MOST_ENDPOINTS = 1000;
const MOST_PORTS = 20000;

/** Everything that is wrong with an EndpointSlice. */
export function sliceCauses(slice: JsonObject, previous: JsonObject | undefined): Cause[] {
  const type = textAt(slice, "addressType") ?? "";
  const endpoints = listAt(slice, "endpoints");
  const ports = listAt(slice, "ports");
  const causes: Cause[] = type === "" ? [required("addressType")] : [];
  if (type !== "" && !ADDRESS_TYPES.includes(type)) causes.push(unsupported("addressType", type, ADDRESS_TYPES));
  if (endpoints.length > MOST_ENDPOINTS) causes.push(tooMany("endpoints", endpoints.length, MOST_ENDPOINTS));
  else causes.push(...endpoints.flatMap((endpoint, at) => endpointCauses(endpoint, `endpoints[${at}]`, type)));
  if (ports.length > MOST_PORTS) causes.push(tooMany("ports", ports.length, MOST_PORTS));
  else causes.push(...slicePortsCauses(ports));
  const before = textAt(previous, "addressType");
  if (before !== undefined && before !== type) causes.push(immutableCause("addressType", goQuote(type)));
  return causes;
}

function endpointCauses(endpoint: unknown, field: string, type: string): Cause[] {
  const addresses = listAt(endpoint, "addresses");
  if (addresses.length === 0) return [required(`${field}.addresses`, "must contain at least 1 address")];
  if (addresses.length > MOST_ADDRESSES) return [tooMany(`${field}.addresses`, addresses.length, MOST_ADDRESSES)];
  const causes = addresses.flatMap((address, at) => addressCauses(String(address), `${field}.addresses[${at}]`, type));
  const host = textAt(endpoint, "hostname");
  if (host !== undefined) causes.push(...textCauses(`${field}.hostname`, host, labelMistakes));
  return causes;
}

function addressCauses(address: string, field: string, type: string): Cause[] {
  const wrong = (wanted: string) => invalidValue(field, goQuote(address), wanted);
  switch (type) {
    case "IPv4":
      return [...(isIpv4(address) ? [] : [wrong("must be a valid IPv4 address")]), ...endpointIpCauses(field, address)];
    case "IPv6":
      return [...(isIpv6(address) ? [] : [wrong("must be a valid IPv6 address")]), ...endpointIpCauses(field, address)];
    case "FQDN":
      return fqdnCauses(field, address);
    default:
      return [];
  }
}

function endpointIpCauses(field: string, address: string): Cause[] {
  return textCauses(field, address, endpointIpMistakes);
}

function fqdnCauses(field: string, name: string): Cause[] {
  if (name === "") return [required(field)];
  const plain = name.replace(/\.$/, "");
  if (!plain.includes(".")) {
    return [invalidValue(field, goQuote(name), "should be a domain with at least two segments separated by dots")];
  }
  return textCauses(field, plain, subdomainMistakes);
}

function slicePortsCauses(ports: readonly unknown[]): Cause[] {
  const names = new Set<string>();
  return ports.flatMap((port, at) => {
    const field = `ports[${at}]`;
    const name = textAt(port, "name") ?? "";
    const causes = name === "" ? [] : textCauses(`${field}.name`, name, labelMistakes);
    if (names.has(name)) causes.push(duplicateCause(`${field}.name`, goQuote(name)));
    names.add(name);
    return [...causes, ...protocolCauses(port, field)];
  });
}

function protocolCauses(port: unknown, field: string): Cause[] {
  const protocol = textAt(port, "protocol") ?? "";
  const application = textAt(port, "appProtocol");
  const causes: Cause[] = [];
  if (protocol === "") causes.push(required(`${field}.protocol`));
  else if (!PROTOCOLS.includes(protocol)) causes.push(unsupported(`${field}.protocol`, protocol, PROTOCOLS));
  if (application !== undefined) causes.push(...textCauses(`${field}.appProtocol`, application, qualifiedNameMistakes));
  return causes;
}

/** Everything that is wrong with Endpoints. */
export function endpointsCauses(endpoints: JsonObject): Cause[] {
  return listAt(endpoints, "subsets").flatMap((subset, at) => subsetCauses(subset, `subsets[${at}]`));
}

function subsetCauses(subset: unknown, field: string): Cause[] {
  const [ready, waiting] = [listAt(subset, "addresses"), listAt(subset, "notReadyAddresses")];
  const ports = listAt(subset, "ports");
  const causes: Cause[] = ready.length + waiting.length === 0
    ? [required(field, "must specify `addresses` or `notReadyAddresses`")]
    : [];
  const each = (list: readonly unknown[], name: string) =>
    list.flatMap((address, at) => subsetAddressCauses(address, `${field}.${name}[${at}]`));
  causes.push(...each(ready, "addresses"), ...each(waiting, "notReadyAddresses"));
  causes.push(...ports.flatMap((port, at) => subsetPortCauses(port, `${field}.ports[${at}]`, ports.length > 1)));
  return causes;
}

function subsetAddressCauses(address: unknown, field: string): Cause[] {
  const ip = textAt(address, "ip") ?? "";
  const host = textAt(address, "hostname") ?? "";
  return [
    ...textCauses(`${field}.ip`, ip, ipMistakes),
    ...(host === "" ? [] : textCauses(`${field}.hostname`, host, labelMistakes)),
    ...textCauses(`${field}.ip`, ip, endpointIpMistakes),
  ];
}

function subsetPortCauses(port: unknown, field: string, named: boolean): Cause[] {
  const name = textAt(port, "name") ?? "";
  const causes: Cause[] = [];
  if (name === "" && named) causes.push(required(`${field}.name`));
  else if (name !== "") causes.push(...textCauses(`${field}.name`, name, labelMistakes));
  return [...causes, ...numberCauses(`${field}.port`, numberAt(port, "port") ?? 0), ...protocolCauses(port, field)];
}
