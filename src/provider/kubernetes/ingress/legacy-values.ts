// How Traefik 1 wrote values into annotations: header lists, percentages, YAML.

import * as z from "zod";
import { parse, YamlError } from "#yaml";
import { coerce } from "../../../schema/coerce.ts";
import { toProblems } from "../../../schema/issues.ts";

const HEADERS = 'must be headers such as "X-Name:value||X-Other:value"';

/** `Name:value||Name:value`; an empty value deletes the header. */
export const headerPairs = z.string().transform((text, context): Record<string, string> => {
  const headers: Record<string, string> = {};
  for (const pair of text.split("||").map((each) => each.trim()).filter((each) => each !== "")) {
    const colon = pair.indexOf(":");
    const name = pair.slice(0, Math.max(0, colon)).trim();
    if (name === "") {
      context.issues.push({ code: "custom", message: HEADERS, input: text });
      return z.NEVER;
    }
    headers[name] = pair.slice(colon + 1).trim();
  }
  return headers;
});

const PERCENTAGE = 'must be a percentage such as "33.3%"';

/** `33.3%` or `0.333`; becomes 0 to 1. */
export const percentage = z.union([z.string(), z.number()], { error: PERCENTAGE }).transform((value, context) => {
  const match = /^([0-9]+(?:\.[0-9]+)?)\s*(%?)$/.exec(String(value).trim());
  const share = match === null ? Number.NaN : Number(match[1]) / (match[2] === "%" ? 100 : 1);
  if (share >= 0 && share <= 1) return share;
  context.issues.push({ code: "custom", message: PERCENTAGE, input: value });
  return z.NEVER;
});

/** A value that holds YAML; names inside match without case. */
export function yamlOf<T>(schema: z.ZodType<T>) {
  return z.string().transform((text, context): T => {
    const refuse = (reason: string) => {
      context.issues.push({ code: "custom", message: `is not valid: ${reason}`, input: text });
      return z.NEVER;
    };
    try {
      const { value, problems } = coerce(schema, parse(text));
      const parsed = schema.safeParse(value);
      const found = parsed.success ? problems : toProblems(parsed.error, { input: value, schema });
      const [first] = found;
      if (parsed.success && first === undefined) return parsed.data;
      return refuse(first?.message ?? "it can't be read");
    } catch (error) {
      if (error instanceof YamlError) return refuse(`it is no YAML: ${error.message}`);
      throw error;
    }
  });
}
