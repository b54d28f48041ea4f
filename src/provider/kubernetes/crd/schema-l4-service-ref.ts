// What service references of TCP and UDP routes have in common.

import { integer } from "../../../schema/primitives.ts";
import * as z from "zod";
import { portRef } from "../backend/schema.ts";

/** The fields, to be spread into schemas. */
export const l4ServiceRefFields = {
  name: z.string().describe("Name of the Service."),
  namespace: z.string().optional().describe("Its namespace. Default: that of the route."),
  port: portRef.describe("Number or name of a port of the Service."),
  weight: integer({ min: 0 }).optional().describe("Share among several services. Default: 1."),
  nativeLB: z.boolean().optional().describe("Sends to the Service's address, not to its endpoints."),
  nodePortLB: z.boolean().optional().describe("Sends to the Nodes' addresses, not to the endpoints."),
};
