// errors: answers with pages of another service where a backend failed.

import * as z from "zod";
import { integer, nonEmptyString } from "../schema/primitives.ts";
import { parseStatusRange } from "../schema/status-range.ts";
import { defineMiddlewareSchema } from "./define.ts";
import { statusRangesSchema } from "./status-ranges.ts";

const STATUS = 'must be a status code such as "404" or a range such as "500-599"';

/** The `errors` middleware. */
export const errors = defineMiddlewareSchema({
  kind: "errors",
  summary: "Answers with pages of another service in place of error answers.",
  schema: z.strictObject({
    status: statusRangesSchema.default([]).describe("Answers that are replaced."),
    statusRewrites: z.record(
      z.string().refine((text) => parseStatusRange(text) !== undefined, { error: STATUS }),
      integer({ min: 100, max: 599 }),
    ).default({}).describe("Status codes, or ranges of them, and what clients get instead."),
    service: nonEmptyString.describe("Name of the service that has the pages."),
    query: z.string().default("").describe(
      "Path asked of the service; `{status}`, `{originalStatus}` and `{url}` are filled in.",
    ),
    errorRequestHeaders: z.array(nonEmptyString).optional().describe(
      "Headers of the client's request that are sent to the service. Default: all.",
    ),
  }),
});
