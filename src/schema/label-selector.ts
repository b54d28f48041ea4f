// Reads `a=b,c!=d,e in (f,g),!h` as an API server does: the same words, the same complaints.

import { ProxyError } from "../net/error.ts";

/** Labels by name. */
export type Labels = Readonly<Record<string, string>>;

/** Answers whether labels are selected. */
export type Requirement = (labels: Labels) => boolean;

type TokenType = "word" | "end" | "symbol";

interface Token {
  readonly type: TokenType;
  readonly text: string;
}

const SYMBOLS = ["==", "!=", "=", "!", "<", ">", "(", ")", ","];
const OPERATORS = "in, notin, =, ==, !=, gt, lt"; // as the server lists them, with `gt` and `lt` for the signs
const NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const PREFIX = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const MAX_NAME = 63; // characters of a label's name or value

/**
 * Parses a label selector.
 * @throws {ProxyError} `bad-label-selector`, with what an API server says of it
 */
export function parseLabelSelector(text: string): Requirement {
  const requirements = new Parser(text).parse();
  return (labels) => requirements.every((holds) => holds(labels));
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = tokensOf(text);
  }

  parse(): Requirement[] {
    const requirements: Requirement[] = [];
    if (this.#peek().type === "end") return requirements;
    for (;;) {
      const start = this.#peek();
      if (start.type !== "word" && start.text !== "!") {
        throw bad(`found '${start.text}', expected: !, identifier, or 'end of string'`);
      }
      requirements.push(this.#requirement());
      const after = this.#next();
      if (after.type === "end") return requirements;
      if (after.text !== ",") throw bad(`found '${after.text}', expected: ',' or 'end of string'`);
      const follower = this.#peek();
      if (follower.type !== "word" && follower.text !== "!") {
        throw bad(`found '${follower.text}', expected: identifier after ','`);
      }
    }
  }

  #requirement(): Requirement {
    const negated = this.#peek().text === "!";
    if (negated) this.#next();
    const key = this.#next();
    if (key.type !== "word") throw unreadable(`found '${key.text}', expected: identifier`);
    checkKey(key.text);
    const follower = this.#peek();
    if (negated || follower.type === "end" || follower.text === ",") {
      return (labels) => Object.hasOwn(labels, key.text) !== negated;
    }
    return this.#comparison(key.text);
  }

  #comparison(key: string): Requirement {
    const operator = this.#next();
    switch (operator.text) {
      case "in":
      case "notin":
        return inSet(key, this.#set(), operator.text === "in");
      case "=":
      case "==":
        return equals(key, this.#value());
      case "!=": {
        const equal = equals(key, this.#value());
        return (labels) => !equal(labels);
      }
      case ">":
      case "<":
        return compares(key, operator.text, this.#value());
      default:
        throw unreadable(`found '${operator.text}', expected: ${OPERATORS}`);
    }
  }

  #set(): string[] {
    const open = this.#next();
    if (open.text !== "(") throw unreadable(`found '${open.text}' expected: '('`);
    const values: string[] = [];
    for (;;) {
      const word = this.#peek();
      if (word.type === "word") values.push(this.#next().text);
      else if (word.text !== "," && word.text !== ")") {
        throw unreadable(`found '${word.text}', expected: ',', ')' or identifier`);
      } else values.push("");
      const after = this.#next();
      if (after.text === ")") return values;
      if (after.text !== ",") throw unreadable(`found '${after.text}', expected: ',' or ')'`);
    }
  }

  #value(): string {
    const token = this.#peek();
    if (token.type === "end" || token.text === ",") return "";
    this.#next();
    if (token.type !== "word") throw unreadable(`found '${token.text}', expected: identifier`);
    checkValue(token.text);
    return token.text;
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? { type: "end", text: "" };
  }

  #next(): Token {
    const token = this.#peek();
    this.#at++;
    return token;
  }
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const symbol = SYMBOLS.find((each) => text.startsWith(each, at));
    const space = /^\s+/.exec(text.slice(at))?.[0];
    if (space !== undefined) at += space.length;
    else if (symbol !== undefined) {
      tokens.push({ type: "symbol", text: symbol });
      at += symbol.length;
    } else {
      const word = /^[^\s=!<>(),]+/.exec(text.slice(at))?.[0] ?? "";
      tokens.push({ type: "word", text: word });
      at += word.length;
    }
  }
  return tokens;
}

function equals(key: string, value: string): Requirement {
  return (labels) => Object.hasOwn(labels, key) && labels[key] === value;
}

function inSet(key: string, values: readonly string[], wanted: boolean): Requirement {
  return (labels) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    return value === undefined ? !wanted : values.includes(value) === wanted;
  };
}

function compares(key: string, operator: string, text: string): Requirement {
  const limit = Number(text);
  if (!/^-?\d+$/.test(text)) {
    const parsing = `strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`;
    throw unreadable(
      `values[0]: Invalid value: ${
        JSON.stringify(text)
      }: for 'Gt', 'Lt' operators, the value must be an integer: ${parsing}`,
    );
  }
  return (labels) => {
    const value = Object.hasOwn(labels, key) ? Number(labels[key]) : NaN;
    return operator === ">" ? value > limit : value < limit;
  };
}

function bad(message: string): ProxyError {
  return new ProxyError(message, { code: "bad-label-selector", source: "internal", status: 400 });
}

function unreadable(why: string): ProxyError {
  return bad(`unable to parse requirement: ${why}`);
}

/** @throws {ProxyError} */
function checkKey(key: string): void {
  const parts = key.split("/");
  const name = parts.at(-1) ?? "";
  const wrong = (why: string) => unreadable(`<nil>: Invalid value: ${JSON.stringify(key)}: ${why}`);
  if (parts.length > 2) throw wrong(keyFormat);
  if (parts.length === 2 && !PREFIX.test(parts[0] ?? "")) throw wrong(`prefix part ${prefixFormat}`);
  if (name.length > MAX_NAME) throw wrong(`name part must be no more than ${MAX_NAME} characters`);
  if (!NAME.test(name)) throw wrong(`name part ${nameFormat}`);
}

/** @throws {ProxyError} */
function checkValue(value: string): void {
  const wrong = (why: string) => unreadable(`values[0]: Invalid value: ${JSON.stringify(value)}: ${why}`);
  if (value.length > MAX_NAME) throw wrong(`must be no more than ${MAX_NAME} characters`);
  if (!NAME.test(value)) throw wrong(valueFormat);
}

const nameFormat = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an " +
  "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is " +
  "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

const prefixFormat = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', " +
  "and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

const keyFormat = "a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end " +
  "with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is " +
  "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";

const valueFormat =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and " +
  "must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for " +
  "validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
