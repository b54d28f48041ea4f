// Rule text → tree: Traefik's rule language, in its third and second version.

import { type RuleError, Scanner, type Token } from "./scanner.ts";
import { translateV2 } from "./translate-v2.ts";
import type { RuleNode, RuleSyntax } from "./tree.ts";
import { findMatcher, type KnownMatcher, type RuleProtocol, unknownMatcherHint } from "./vocabulary.ts";

/** How a rule is read. */
export interface ParseOptions {
  readonly syntax: RuleSyntax;
  readonly protocol: RuleProtocol;
}

/** The tree with what looks wrong but is allowed; or the first error. */
export type ParseResult =
  | { readonly tree: RuleNode; readonly warnings: readonly RuleError[] }
  | { readonly error: RuleError };

const MAX_TEXT = 0x4_0000; // UTF-16 units; the longest rules seen in the field have some ten thousand
const USE_V2 = "set ruleSyntax (in an IngressRoute: syntax) to v2";
const MAX_DEPTH = 100; // levels of "(" and "!"; the parser, and everybody who walks the tree, recurses

/**
 * Reads a rule. The result uses the matchers of v3 whatever the syntax: several hosts of v2 become an `or`,
 * its templates regular expressions.
 * @example parseRule("Host(`a.example`) && PathPrefix(`/api`)", { syntax: "v3", protocol: "http" })
 */
export function parseRule(text: string, options: ParseOptions): ParseResult {
  if (text.length > MAX_TEXT) {
    const message = `the rule is ${text.length} characters long; the limit is ${MAX_TEXT}`;
    return { error: { message, offset: MAX_TEXT } };
  }
  return new Parser(text, options).parse();
}

/** Recursive descent. A method that fails returns undefined and leaves the error in `#error`. */
class Parser {
  readonly #scanner: Scanner;
  readonly #options: ParseOptions;
  readonly #warnings: RuleError[] = [];
  #token: Token = { type: "end", value: "", offset: 0 };
  #depth = 0;
  #error: RuleError | undefined = undefined;

  constructor(text: string, options: ParseOptions) {
    this.#scanner = new Scanner(text);
    this.#options = options;
  }

  parse(): ParseResult {
    this.#advance();
    const tree = this.#chain("or");
    if (tree !== undefined && this.#error === undefined && this.#token.type !== "end") {
      this.#unexpected("&&, || or the end of the rule");
    }
    if (this.#error !== undefined) return { error: this.#error };
    if (tree === undefined) return { error: { message: "the rule could not be read", offset: 0 } };
    return { tree, warnings: this.#warnings };
  }

  /** `a && b && c` or `a || b || c`: one flat node, so that a long rule is not a deep one. */
  #chain(type: "and" | "or"): RuleNode | undefined {
    const nodes: RuleNode[] = [];
    for (;;) {
      const node = type === "or" ? this.#chain("and") : this.#unary();
      if (node === undefined) return undefined;
      nodes.push(node);
      if (this.#token.type !== (type === "or" ? "||" : "&&")) break;
      this.#advance();
    }
    return nodes.length === 1 ? nodes[0] : { type, nodes };
  }

  #unary(): RuleNode | undefined {
    const { type, offset } = this.#token;
    if (type === "name") return this.#call();
    if (type !== "!" && type !== "(") return this.#unexpected("a matcher, ! or (");
    if (++this.#depth > MAX_DEPTH) return this.#fail(`nested deeper than ${MAX_DEPTH} levels`, offset);
    this.#advance();
    const node = type === "!" ? this.#negated() : this.#grouped();
    this.#depth--;
    return node;
  }

  #negated(): RuleNode | undefined {
    const node = this.#unary();
    return node === undefined ? undefined : { type: "not", node };
  }

  #grouped(): RuleNode | undefined {
    const node = this.#chain("or");
    if (node === undefined || !this.#expect(")", "&&, || or )")) return undefined;
    return node;
  }

  #call(): RuleNode | undefined {
    const { value: spelling, offset } = this.#token;
    const { protocol, syntax } = this.#options;
    const known = findMatcher(spelling, protocol, syntax);
    this.#advance();
    if (known === undefined) {
      return this.#fail(`unknown matcher ${spelling}`, offset, unknownMatcherHint(spelling, protocol, syntax));
    }
    if (!this.#expect("(", `( after ${spelling}`)) return undefined;
    const args = this.#args();
    return args === undefined ? undefined : this.#toNode(known, args, offset);
  }

  /** The arguments and the closing parenthesis. Go allows a comma after the last. */
  #args(): Token[] | undefined {
    const args: Token[] = [];
    while (this.#token.type === "string") {
      if (this.#token.value === "") return this.#fail("an argument is empty", this.#token.offset);
      args.push(this.#token);
      this.#advance();
      if (!this.#skipComma()) break;
    }
    const wanted = args.length === 0 ? 'a string in backticks or "…"' : ", or )";
    return this.#expect(")", wanted) ? args : undefined;
  }

  #skipComma(): boolean {
    if (this.#token.type !== ",") return false;
    this.#advance();
    return true;
  }

  #toNode({ name, arity }: KnownMatcher, tokens: readonly Token[], offset: number): RuleNode | undefined {
    const args = tokens.map((token) => token.value);
    if (args.length < arity.least || args.length > arity.most) {
      const range = arity.least === arity.most ? "" : ` to ${arity.most}`;
      const wanted = arity.most === Infinity ? `${arity.least} or more` : `${arity.least}${range}`;
      return this.#fail(`${name} has ${args.length} arguments; wanted ${wanted}`, offset, arityHint(name, args));
    }
    if (this.#options.syntax === "v3") {
      this.#warnAboutTemplates(name, tokens);
      return { type: "matcher", name, args };
    }
    const node = translateV2(name, args);
    return "type" in node ? node : this.#fail(`${name}: ${node.message}`, tokens[0]?.offset ?? offset);
  }

  /** Valid in v3, but it means something else there than its author had in mind. */
  #warnAboutTemplates(name: string, tokens: readonly Token[]): void {
    if (!/^(?:Host|Path)/.test(name)) return;
    for (const { value, offset } of tokens) {
      const template = /\{[A-Za-z_]\w*(?::[^{}]*)?\}/.exec(value)?.[0];
      if (template === undefined) continue;
      const message =
        `${name}: ${template} is a template of rule syntax v2, and plain text or part of an expression in v3`;
      this.#warnings.push({ message, offset, hint: `write a regular expression, or ${USE_V2}` });
    }
  }

  #advance(): void {
    if (this.#error !== undefined) return;
    const next = this.#scanner.next();
    if ("message" in next) this.#error = next;
    else this.#token = next;
  }

  #expect(type: Token["type"], wanted: string): boolean {
    if (this.#error !== undefined) return false;
    if (this.#token.type !== type) {
      this.#unexpected(wanted);
      return false;
    }
    this.#advance();
    return this.#error === undefined;
  }

  #unexpected(wanted: string): undefined {
    const { type, value, offset } = this.#token;
    const found = type === "end"
      ? "the rule ends"
      : type === "newline"
      ? "the line ends"
      : `found ${nameToken(this.#token)}`;
    this.#fail(`${found} where ${wanted} was wanted`, offset, tokenHint(type, value));
  }

  #fail(message: string, offset: number, hint?: string): undefined {
    this.#error ??= hint === undefined ? { message, offset } : { message, offset, hint };
  }
}

function nameToken({ type, value }: Token): string {
  return type === "string" ? `the string ${JSON.stringify(value)}` : value;
}

const hintByToken: Readonly<Record<string, string>> = {
  "&": "the operator is &&",
  "|": "the operator is ||",
  and: "the operator is &&",
  or: "the operator is ||",
  not: "the operator is !",
  ";": "matchers are joined by && and ||",
};

function tokenHint(type: Token["type"], value: string): string | undefined {
  if (type === "newline") {
    return "a line end ends the rule here: put && or || at the end of the line, not at its beginning";
  }
  if (value.startsWith("'")) return 'strings stand in backticks or "…", not in single quotes';
  return hintByToken[value.toLowerCase()];
}

function arityHint(name: string, args: readonly string[]): string | undefined {
  if (args.length < 2 || name.startsWith("Header") || name.startsWith("Query")) return undefined;
  const joined = args.map((arg) => `${name}(\`${arg}\`)`).join(" || ");
  return `write ${joined}, or ${USE_V2}`;
}
