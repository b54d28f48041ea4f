// grpcWeb: turns gRPC-Web requests of browsers into gRPC.

import * as z from "zod";
import { nonEmptyString } from "../schema/primitives.ts";
import { defineMiddlewareSchema } from "./define.ts";

/** The `grpcWeb` middleware. */
export const grpcWeb = defineMiddlewareSchema({
  kind: "grpcWeb",
  summary: "Turns gRPC-Web requests into gRPC.",
  schema: z.strictObject({
    allowOrigins: z.array(nonEmptyString).default([]).describe("Origins whose pages may ask; `*` is any."),
  }),
});
