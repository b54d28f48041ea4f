// Problems as log fields: where, which field, and what to do.

import type { Problem, Source } from "../schema/problem.ts";
import type { LogFields } from "../telemetry/logger.ts";

/** Fields beside a problem's message. */
export function problemFields(problem: Problem): LogFields {
  const { code, source, path, hint } = problem;
  return {
    code,
    ...(source !== undefined && { source: sourceText(source) }),
    ...(path !== undefined && path.length > 0 && { path: path.join(".") }),
    ...(hint !== undefined && { hint }),
  };
}

/** A source in one line: `dir/app.yaml:3:7`, `IngressRoute default/app`, `--log.level`. */
export function sourceText(source: Source): string {
  switch (source.type) {
    case "file":
      return position(source);
    case "object": {
      const { kind, namespace, name } = source;
      const object = `${kind} ${namespace === "" ? "" : `${namespace}/`}${name}`;
      return source.position === undefined ? object : `${object} (${position(source.position)})`;
    }
    case "flag":
      return source.flag;
    case "env":
      return source.variable;
  }
}

function position({ file, line, column }: { file: string; line?: number; column?: number }): string {
  return [file, line, column].filter((part) => part !== undefined).join(":");
}
