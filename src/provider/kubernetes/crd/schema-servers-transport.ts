// Schemas of ServersTransport and ServersTransportTCP, in both API groups: those of files, but for certificates, which
// are in Secrets and ConfigMaps here.

import { tcpServersTransportSchema } from "../../../config/l4-schema.ts";
import { serversTransportSchema } from "../../../config/service-schema.ts";
import { clientTlsSchema } from "../../../config/tls-schema.ts";
import { integer } from "../../../schema/primitives.ts";
import { transportSecrets } from "./schema-common.ts";

/** `spec` of a ServersTransport. */
export const serversTransportSpec = serversTransportSchema.omit({ certificates: true }).extend({
  ...transportSecrets,
  maxIdleConnsPerHost: integer({ min: -1 }).default(serversTransportSchema.parse({}).maxIdleConnsPerHost)
    .describe("Idle connections kept per server; -1 keeps none."),
});

/** `spec` of a ServersTransportTCP. */
export const serversTransportTcpSpec = tcpServersTransportSchema.extend({
  tls: clientTlsSchema.omit({ certificates: true }).extend(transportSecrets).optional()
    .describe("Speaks TLS to all servers."),
});
