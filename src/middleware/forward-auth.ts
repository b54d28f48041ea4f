// forwardAuth: asks another server whether a request may pass.

import * as z from "zod";
import { nonEmptyString, size, url } from "../schema/primitives.ts";
import { peerTlsSchema } from "./peer-tls.ts";
import { defineMiddlewareSchema } from "./define.ts";

/** The `forwardAuth` middleware. */
export const forwardAuth = defineMiddlewareSchema({
  kind: "forwardAuth",
  summary: "Asks an authentication server about each request; what it refuses gets its answer.",
  schema: z.strictObject({
    address: url(["http", "https"]).describe("URL of the authentication server."),
    tls: peerTlsSchema.optional().describe("TLS towards the authentication server."),
    trustForwardHeader: z.boolean().default(false).describe("Sends the client's X-Forwarded headers on."),
    authResponseHeaders: z.array(nonEmptyString).default([]).describe(
      "Headers of the server's answer that are set on the request, in place of the client's.",
    ),
    authResponseHeadersRegex: z.string().optional().describe(
      "Regular expression of further headers of the server's answer that are set on the request.",
    ),
    authRequestHeaders: z.array(nonEmptyString).default([]).describe(
      "Request headers sent to the server. Default: all.",
    ),
    addAuthCookiesToResponse: z.array(nonEmptyString).default([]).describe(
      "Cookies of the server's answer that are added to the backend's.",
    ),
    headerField: z.string().optional().describe("Header of the server's answer that tells the user's name, for logs."),
    forwardBody: z.boolean().default(false).describe("Sends the request's body to the server, too."),
    maxBodySize: size.default(-1).describe("Largest body sent to the server; -1: no limit."),
    maxResponseBodySize: size.default(-1).describe("Largest answer taken from the server; -1: no limit."),
    preserveLocationHeader: z.boolean().default(false).describe(
      "Leaves a relative Location of the server's answer as it is, instead of prefixing the server's host.",
    ),
    preserveRequestMethod: z.boolean().default(false).describe("Asks with the request's method instead of GET."),
    authSigninURL: z.string().optional().describe("Where clients are sent that the server answers with 401."),
  }),
});
