// Rules about sizes: files, functions, parameters, branching and nesting.

import { countLines, type FileContext, type HouseRule } from "../context.ts";

/** The limits of the house; the lint fails above them. */
export const limits = {
  fileLines: 400,
  functionLines: 60,
  parameters: 4,
  branches: 12,
  nesting: 4,
} as const;

const DATA_TABLE = /^\/\/ data table: \S/; // a first line that says the file is rows, not code

/** Files stay short enough to read at once; tables of data say in their first line that they are. */
export const fileSize: HouseRule = (file) => ({
  Program: () => {
    if (DATA_TABLE.test(file.text)) return;
    const lines = countLines(file.text.trimEnd(), 0, file.text.length);
    if (lines <= limits.fileLines) return;
    file.reportRange(
      [0, 1],
      `the file has ${lines} lines, more than ${limits.fileLines}`,
      "split it by what it is for",
    );
  },
});

type FunctionNode = Deno.lint.FunctionDeclaration | Deno.lint.FunctionExpression | Deno.lint.ArrowFunctionExpression;

/** A function being walked: what was found in it so far, without the functions inside it. */
interface Frame {
  readonly node: FunctionNode;
  branches: number;
  depth: number;
  deepest: number;
}

const LOOPS = ["ForStatement", "ForInStatement", "ForOfStatement", "WhileStatement", "DoWhileStatement"];

/** Functions stay short, with few parameters, branches and levels. */
export const functionSize: HouseRule = (file) => {
  const frames: Frame[] = [];
  const open = (node: FunctionNode) => void frames.push({ node, branches: 1, depth: 0, deepest: 0 });
  const close = () => judge(file, frames.pop());
  const branch = () => addBranch(frames.at(-1));
  const enter = () => addLevel(frames.at(-1), 1);
  const leave = () => addLevel(frames.at(-1), -1);
  const loops = LOOPS.flatMap((type) => [[type, () => (branch(), enter())], [`${type}:exit`, leave]]);
  return {
    ...Object.fromEntries(loops),
    FunctionDeclaration: open,
    "FunctionDeclaration:exit": close,
    FunctionExpression: open,
    "FunctionExpression:exit": close,
    ArrowFunctionExpression: open,
    "ArrowFunctionExpression:exit": close,
    IfStatement: (node) => (branch(), isElseIf(node) ? undefined : enter()),
    "IfStatement:exit": (node: Deno.lint.IfStatement) => isElseIf(node) ? undefined : leave(),
    SwitchStatement: enter,
    "SwitchStatement:exit": leave,
    TryStatement: enter,
    "TryStatement:exit": leave,
    SwitchCase: (node) => node.test ? branch() : undefined,
    ConditionalExpression: branch,
    LogicalExpression: branch,
    AssignmentExpression: (node) => ["&&=", "||=", "??="].includes(node.operator) ? branch() : undefined,
  };
};

function addBranch(frame: Frame | undefined): void {
  if (frame !== undefined) frame.branches++;
}

function addLevel(frame: Frame | undefined, step: 1 | -1): void {
  if (frame === undefined) return;
  frame.depth += step;
  frame.deepest = Math.max(frame.deepest, frame.depth);
}

/** `else if` stands beside its `if`, not inside it. */
function isElseIf(node: Deno.lint.IfStatement): boolean {
  const { parent } = node;
  return parent.type === "IfStatement" && parent.alternate?.range[0] === node.range[0];
}

function judge(file: FileContext, frame: Frame | undefined): void {
  if (frame === undefined) return;
  const { node } = frame;
  const lines = countLines(file.text, node.range[0], node.range[1]);
  const parameters = node.params.filter((each) => each.type !== "Identifier" || each.name !== "this").length;
  const measures: readonly (readonly [what: string, count: number, limit: number, hint: string])[] = [
    ["lines", lines, limits.functionLines, "take a part out under a name of its own"],
    ["parameters", parameters, limits.parameters, "take an options object"],
    ["branches", frame.branches, limits.branches, "split it, or make the cases data"],
    ["levels of nesting", frame.deepest, limits.nesting, "return early, or take the inner part out"],
  ];
  for (const [what, count, limit, hint] of measures) {
    if (count <= limit) continue;
    file.reportRange(headOf(node), `a function with ${count} ${what}, more than ${limit}`, hint);
  }
}

/** The start of a function: reporting all of it would print all of it. */
function headOf(node: FunctionNode): Deno.lint.Range {
  return [node.range[0], node.body?.range[0] ?? node.range[1]];
}
