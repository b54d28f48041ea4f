// encodedCharacters: which percent-encoded characters a path may hold.

import * as z from "zod";
import { defineMiddlewareSchema } from "./define.ts";

const allowed = (character: string) => z.boolean().default(false).describe(`Lets ${character} in a path through.`);

/** The `encodedCharacters` middleware. */
export const encodedCharacters = defineMiddlewareSchema({
  kind: "encodedCharacters",
  summary: "Refuses paths with percent-encoded characters that backends often misread.",
  schema: z.strictObject({
    allowEncodedSlash: allowed("an encoded slash (%2F)"),
    allowEncodedBackSlash: allowed("an encoded backslash (%5C)"),
    allowEncodedNullCharacter: allowed("an encoded null character (%00)"),
    allowEncodedSemicolon: allowed("an encoded semicolon (%3B)"),
    allowEncodedPercent: allowed("an encoded percent sign (%25)"),
    allowEncodedQuestionMark: allowed("an encoded question mark (%3F)"),
    allowEncodedHash: allowed("an encoded number sign (%23)"),
  }),
});
