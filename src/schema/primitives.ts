// The zod building blocks of all configuration: values with Go's spellings, and messages that say what was wanted.

import * as z from "zod";
import { parseCidr } from "../net/cidr.ts";
import { toProxyError } from "../net/error.ts";
import { parseDuration } from "./duration.ts";
import { parseLabelSelector } from "./label-selector.ts";
import { parseSize } from "./size.ts";
import { parseStatusRange } from "./status-range.ts";
import type { StatusRange } from "./status-range.ts";

const DURATION = 'must be a duration such as "1m30s" or a whole number of seconds';
const SIZE = 'must be a size in bytes, or with a unit such as "64KiB"';
const CIDR = 'must be an IP address or a range such as "10.0.0.0/8"';
const SELECTOR = 'must be a label selector such as "app=web,tier in (a,b)"';
const STATUS = 'must be a status code such as "404" or a range such as "500-599"';

/** `"1m30s"`, or an integer in seconds; becomes milliseconds, 0 or more. */
export const duration = z.union([z.string(), z.number()], { error: DURATION })
  .transform((value, context) => {
    const milliseconds = parseDuration(value);
    if (milliseconds !== undefined && milliseconds >= 0) return milliseconds;
    const message = milliseconds === undefined ? DURATION : "must be 0 or more";
    context.issues.push({ code: "custom", message, input: value });
    return z.NEVER;
  })
  .meta({ format: "duration" });

/** As {@link duration}, but less than 0 is allowed: it often means "no limit". */
export const signedDuration = z.union([z.string(), z.number()], { error: DURATION })
  .transform((value, context) => {
    const milliseconds = parseDuration(value);
    if (milliseconds !== undefined) return milliseconds;
    context.issues.push({ code: "custom", message: DURATION, input: value });
    return z.NEVER;
  })
  .meta({ format: "duration" });

/** `65536` or `"64KiB"`; becomes bytes. Negative sizes are let through: -1 often means "no limit". */
export const size = z.union([z.string(), z.number()], { error: SIZE })
  .transform((value, context) => {
    const bytes = parseSize(value);
    if (bytes !== undefined) return bytes;
    context.issues.push({ code: "custom", message: SIZE, input: value });
    return z.NEVER;
  })
  .meta({ format: "size" });

/** An IP address or CIDR range, kept as text. */
export const cidr = z.string({ error: CIDR })
  .refine((text) => parseCidr(text) !== undefined, { error: CIDR })
  .meta({ format: "cidr" });

/** A Kubernetes label selector, kept as text. */
export const labelSelector = z.string({ error: SELECTOR }).superRefine((text, context) => {
  try {
    parseLabelSelector(text);
  } catch (thrown) {
    context.addIssue({ code: "custom", message: `${SELECTOR} (${toProxyError(thrown).message})` });
  }
});

/** `"404"`, `404` or `"500-599"`; becomes the two ends. */
export const statusRange = z.union([z.string(), z.number()], { error: STATUS })
  .transform((value, context): StatusRange => {
    const range = parseStatusRange(String(value));
    if (range !== undefined) return range;
    context.issues.push({ code: "custom", message: STATUS, input: value });
    return z.NEVER;
  })
  .meta({ format: "status range" });

/** Both ends included; an end left out is open. */
export interface IntegerLimits {
  readonly min?: number;
  readonly max?: number;
}

/** A whole number within limits, and within those up to which numbers are exact. */
export function integer(limits: IntegerLimits = {}): z.ZodNumber {
  const { min, max } = limits;
  const error = `must be ${wantedInteger(limits)}`;
  const whole = z.number({ error }).int({
    abort: true, // one complaint about one number
    error: ({ code }) => {
      if (code === "too_big" && max === undefined) return `must be at most ${Number.MAX_SAFE_INTEGER}`;
      return code === "too_small" && min === undefined ? `must be at least ${Number.MIN_SAFE_INTEGER}` : error;
    },
  });
  const bounded = min === undefined ? whole : whole.min(min, { error });
  return max === undefined ? bounded : bounded.max(max, { error });
}

/** 0 to 65535. */
export const port = integer({ min: 0, max: 65535 }).meta({ format: "port" });

/** A text that is not empty. */
export const nonEmptyString = z.string().min(1, { error: "must not be empty" });

/** An absolute URL with one of these schemes and a host. */
export function url(schemes: readonly string[]): z.ZodType<string> {
  const error = `must be a URL such as "${schemes[0]}://10.0.0.5:8080"`;
  const isUrl = (text: string): boolean => {
    const scheme = /^([a-z][a-z0-9+.-]*):\/\/[^/?#]/i.exec(text)?.[1]?.toLowerCase();
    return scheme !== undefined && schemes.includes(scheme) && URL.canParse(text);
  };
  return z.string({ error }).refine(isUrl, { error }).meta({ format: "url" });
}

/** A name out of a fixed set, in any case; becomes the spelling of the set. */
export function oneOf<const Names extends readonly [string, ...string[]]>(names: Names) {
  const byFolded = new Map<string, string>(names.map((name) => [name.toLowerCase(), name]));
  return z.preprocess(
    (value) => typeof value === "string" ? byFolded.get(value.toLowerCase()) ?? value : value,
    z.enum(names),
  );
}

function wantedInteger({ min, max }: IntegerLimits): string {
  if (min !== undefined && max !== undefined) return `a whole number from ${min} to ${max}`;
  if (min !== undefined) return `a whole number, ${min} or more`;
  return max === undefined ? "a whole number" : `a whole number, ${max} or less`;
}
