// Traefik 2's templates (`/users/{id:[0-9]+}`, `{sub:[a-z]+}.example.com`) as regular expressions.

/** A pattern, or why there is none. */
export type TemplateResult = { readonly pattern: string } | { readonly message: string };

/** How a template is read. */
export interface TemplateOptions {
  /** What `{name}` without an expression stands for. */
  readonly defaultPattern: string;
  /** False: the template describes the beginning only. */
  readonly whole: boolean;
  /** Default false. */
  readonly ignoreCase?: boolean;
}

/** What a variable without an expression matches, by what it is part of. */
export const defaultPattern = { host: "[^.]+", path: "[^/]+", query: ".*" } as const;

/** True when the text holds a template's brace. */
export function isTemplate(text: string): boolean {
  return text.includes("{") || text.includes("}");
}

/** Turns a template into an anchored regular expression. Text outside braces stands for itself. */
export function templateToPattern(template: string, options: TemplateOptions): TemplateResult {
  let body = "";
  let at = 0;
  while (at < template.length) {
    const open = template.indexOf("{", at);
    const literal = open === -1 ? template.slice(at) : template.slice(at, open);
    if (literal.includes("}")) return { message: `"}" without "{" in ${quote(template)}` };
    body += quoteLiteral(literal);
    if (open === -1) break;
    const close = closingBrace(template, open);
    if (close === -1) return { message: `"{" is not closed in ${quote(template)}` };
    const variable = template.slice(open + 1, close);
    const colon = variable.indexOf(":");
    const pattern = colon === -1 ? options.defaultPattern : variable.slice(colon + 1);
    if (colon === 0 || variable === "" || pattern === "") {
      return { message: `{${variable}} in ${quote(template)} lacks a name or an expression; wanted {name:expression}` };
    }
    body += `(?:${pattern})`;
    at = close + 1;
  }
  return { pattern: `${options.ignoreCase === true ? "(?i)" : ""}^${body}${options.whole ? "$" : ""}` };
}

/** Escapes what has a meaning in Go's regular expressions. */
function quoteLiteral(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, "\\$&");
}

/** Braces inside an expression (`{id:[0-9]{3}}`) are counted. */
function closingBrace(template: string, open: number): number {
  let depth = 0;
  for (let at = open; at < template.length; at++) {
    if (template[at] === "{") depth++;
    else if (template[at] === "}" && --depth === 0) return at;
  }
  return -1;
}

function quote(text: string): string {
  return JSON.stringify(text);
}
