// replacePath: asks the backend for another path.

import * as z from "zod";
import { nonEmptyString } from "../schema/primitives.ts";
import { defineMiddlewareSchema } from "./define.ts";

/** The `replacePath` middleware. */
export const replacePath = defineMiddlewareSchema({
  kind: "replacePath",
  summary: "Replaces the path of the request and reports the old one in `X-Replaced-Path`.",
  schema: z.strictObject({
    path: nonEmptyString.describe("The new path."),
  }),
});
