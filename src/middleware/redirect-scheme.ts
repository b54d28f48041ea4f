// redirectScheme: sends clients to the same URL with another scheme or port.

import * as z from "zod";
import { nonEmptyString } from "../schema/primitives.ts";
import { defineMiddlewareSchema } from "./define.ts";

/** The `redirectScheme` middleware. */
export const redirectScheme = defineMiddlewareSchema({
  kind: "redirectScheme",
  summary: "Redirects requests to another scheme, such as https.",
  schema: z.strictObject({
    scheme: nonEmptyString.describe("The scheme to go to."),
    port: z.string().regex(/^[0-9]{0,5}$/, { error: 'must be a port number such as "8443"' }).optional().describe(
      "The port to go to. Default: that of the scheme.",
    ),
    permanent: z.boolean().default(false).describe("301 or 308 instead of 302 or 307."),
  }),
});
