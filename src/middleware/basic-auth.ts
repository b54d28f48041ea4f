// basicAuth: asks for a name and a password.

import * as z from "zod";
import { nonEmptyString } from "../schema/primitives.ts";
import { secret } from "../schema/secret.ts";
import { defineMiddlewareSchema } from "./define.ts";

/** The `basicAuth` middleware. */
export const basicAuth = defineMiddlewareSchema({
  kind: "basicAuth",
  summary: "Lets only users with a known name and password through.",
  schema: z.strictObject({
    users: secret(z.array(nonEmptyString)).default([]).describe(
      "Users as `name:hash`, the hash by bcrypt, SHA-1 or MD5, as htpasswd writes it.",
    ),
    usersFile: z.string().optional().describe("File with one user per line, beside `users`, which win."),
    realm: z.string().default("traefik").describe("Name of what is protected, shown to the user."),
    removeHeader: z.boolean().default(false).describe("Keeps the Authorization header from the backend."),
    headerField: z.string().optional().describe("Request header that tells the backend the user's name."),
  }),
});
