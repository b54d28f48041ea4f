// plugin: middlewares that are not part of weir, with options of their own.

import * as z from "zod";
import { secret } from "../schema/secret.ts";
import { defineMiddlewareSchema } from "./define.ts";

/** The `plugin` middleware. */
export const plugin = defineMiddlewareSchema({
  kind: "plugin",
  summary: "Runs a plugin.",
  // Which of the options are secrets only the plugin knows: none is shown.
  schema: z.record(z.string(), secret(z.unknown())).describe("Name of the plugin and its options, in any form."),
});
