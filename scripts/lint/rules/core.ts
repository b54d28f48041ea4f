// Rules about what shipped code may do: no escape from the types, no runtime in the core, no console, named errors.

import { type HouseRule, isCore, isShipped } from "../context.ts";

/** `any`, type assertions, `!` and switched-off checks would let the types lie. `as const` claims nothing. */
export const noTypeEscape: HouseRule = (file) => {
  if (!isCore(file.path)) return {};
  return {
    Program: () => {
      for (const comment of file.source.getAllComments()) {
        if (!/@ts-(ignore|expect-error|nocheck)/.test(comment.value)) continue;
        file.reportRange(comment.range, "a switched-off type check", "make the types say what is true");
      }
    },
    TSAnyKeyword: (node) => file.report(node, "any", "use unknown, and decode it"),
    TSNonNullExpression: (node) => file.report(node, "a non-null assertion", "test for undefined"),
    TSTypeAssertion: (node) => file.report(node, "a type assertion", "decode or narrow the value"),
    TSAsExpression: (node) => {
      if (/\bas\s+const$/.test(file.source.getText(node))) return;
      file.report(node, "a type assertion", "decode or narrow the value; only `as const` is allowed");
    },
  };
};

const RUNTIME_GLOBALS = new Set(["Bun", "Deno", "process", "Buffer", "require", "__dirname", "__filename", "global"]);

/** The core is told of the system through `Runtime` alone. */
export const noRuntimeGlobal: HouseRule = (file) => {
  if (!isCore(file.path)) return {};
  const check = (node: Deno.lint.Node) => {
    if (node.type !== "Identifier" || !RUNTIME_GLOBALS.has(node.name)) return;
    file.report(node, `${node.name} in the core`, "ask for it through the Runtime interface of src/net");
  };
  return {
    MemberExpression: (node) => check(node.object),
    CallExpression: (node) => check(node.callee),
  };
};

/** What weir prints goes through its logger or the `Runtime`, so that it has a level and a format. */
export const noConsole: HouseRule = (file) => {
  if (!isShipped(file.path)) return {};
  return {
    MemberExpression: (node) => {
      if (node.object.type !== "Identifier" || node.object.name !== "console") return;
      file.report(node, "console", "use the logger of src/telemetry");
    },
  };
};

/**
 * A thrown error decides status, log level and retry; a bare one can't. A TypeError stays allowed: it tells the
 * programmer of a misuse, as the web's own interfaces do.
 */
export const noBareError: HouseRule = (file) => {
  if (!isCore(file.path)) return {};
  return {
    ThrowStatement: (node) => {
      const thrown = node.argument;
      if (thrown.type !== "NewExpression" && thrown.type !== "CallExpression") return;
      if (thrown.callee.type !== "Identifier" || thrown.callee.name !== "Error") return;
      file.report(node, "a bare Error", "throw ProxyError of src/net/error.ts, or return the problem");
    },
  };
};
