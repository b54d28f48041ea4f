// Problems as log fields: where, which field, and what to do.

import { describeSource } from "../schema/problem-text.ts";
import type { Problem } from "../schema/problem.ts";
import type { LogFields } from "../telemetry/logger.ts";

/** Fields beside a problem's message. */
export function problemFields(problem: Problem): LogFields {
  const { code, source, path, hint } = problem;
  return {
    code,
    ...(source !== undefined && { source: describeSource(source) }),
    ...(path !== undefined && path.length > 0 && { path: path.join(".") }),
    ...(hint !== undefined && { hint }),
  };
}
