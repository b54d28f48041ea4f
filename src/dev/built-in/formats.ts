// Texts that Kubernetes restricts: names, labels, hosts, ports, addresses. Each check gives the words of a real server.

import { parseCidr, parseIp } from "../../net/cidr.ts";

/** What is wrong with a text; empty: nothing. */
export type Check = (text: string) => string[];

const LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const LABEL_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?";
const NAME_PART = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const LABEL_VALUE = `(${NAME_PART})?`;
const CONFIG_KEY = "[-._a-zA-Z0-9]+";
const ENV_NAME = "[-._a-zA-Z][-._a-zA-Z0-9]*";

const LABEL_LENGTH = 63;
const SUBDOMAIN_LENGTH = 253;
const PORT_NAME_LENGTH = 15;

interface PatternRule {
  readonly pattern: string;
  readonly length: number;
  readonly text: string;
  readonly examples: readonly string[];
}

function patternCheck({ pattern, length, text, examples }: PatternRule): Check {
  const whole = new RegExp(`^(?:${pattern})$`);
  const shown = examples.map((example) => `'${example}'`).join(",  or ");
  const message = `${text} (e.g. ${shown}, regex used for validation is '${pattern}')`;
  return (value) => [
    ...(value.length > length ? [tooLong(length)] : []),
    ...(whole.test(value) ? [] : [message]),
  ];
}

function tooLong(length: number): string {
  return `must be no more than ${length} characters`;
}

/** `a-b`. */
export const labelMistakes = patternCheck({
  pattern: LABEL,
  length: LABEL_LENGTH,
  text:
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end " +
    "with an alphanumeric character",
  examples: ["my-name", "123-abc"],
});

/** `a-b.c`. */
export const subdomainMistakes = patternCheck({
  pattern: SUBDOMAIN,
  length: SUBDOMAIN_LENGTH,
  text:
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start " +
    "and end with an alphanumeric character",
  examples: ["example.com"],
});

/** `a-b`, beginning with a letter. */
export const serviceNameMistakes = patternCheck({
  pattern: LABEL_1035,
  length: LABEL_LENGTH,
  text: "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic " +
    "character, and end with an alphanumeric character",
  examples: ["my-name", "abc-123"],
});

/** `*.a.b`. */
export const wildcardMistakes = patternCheck({
  pattern: `\\*\\.${SUBDOMAIN}`,
  length: SUBDOMAIN_LENGTH,
  text:
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of " +
    "lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  examples: ["*.example.com"],
});

/** The value of a label. */
export const labelValueMistakes = patternCheck({
  pattern: LABEL_VALUE,
  length: LABEL_LENGTH,
  text:
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start " +
    "and end with an alphanumeric character",
  examples: ["MyValue", "my_value", "12345"],
});

/** The name of an environment variable. */
export const envNameMistakes = patternCheck({
  pattern: ENV_NAME,
  length: Infinity,
  text: "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must " +
    "not start with a digit",
  examples: ["my.env-name", "MY_ENV.NAME", "MyEnvName1"],
});

const namePartMistakes = patternCheck({
  pattern: NAME_PART,
  length: LABEL_LENGTH,
  text: "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an " +
    "alphanumeric character",
  examples: ["MyName", "my.name", "123-abc"],
});

const plainConfigKeyMistakes = patternCheck({
  pattern: CONFIG_KEY,
  length: SUBDOMAIN_LENGTH,
  text: "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  examples: ["key.name", "KEY_NAME", "key-name"],
});

/** The key of a label or annotation: `[prefix/]name`. */
export function qualifiedNameMistakes(text: string): string[] {
  const parts = text.split("/");
  if (parts.length > 2) {
    return [
      "a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an " +
      `alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is ` +
      `'${NAME_PART}') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const name = parts.at(-1) ?? "";
  const prefix = parts.length === 2 ? parts[0] ?? "" : undefined;
  const found = prefix === undefined
    ? []
    : prefix === ""
    ? ["prefix part must be non-empty"]
    : subdomainMistakes(prefix).map((text) => `prefix part ${text}`);
  if (name === "") return [...found, "name part must be non-empty", ...namePartMistakes(name)];
  return [...found, ...namePartMistakes(name).map((text) => (text.startsWith("must") ? `name part ${text}` : text))];
}

/** A key of a ConfigMap or Secret. */
export function configKeyMistakes(text: string): string[] {
  const found = plainConfigKeyMistakes(text);
  if (text === ".") return [...found, "must not be '.'"];
  if (text === "..") return [...found, "must not be '..'"];
  return text.startsWith("..") ? [...found, "must not start with '..'"] : found;
}

/** The name of a port: `http`. */
export function portNameMistakes(text: string): string[] {
  const found: string[] = [];
  if (text.length > PORT_NAME_LENGTH) found.push(tooLong(PORT_NAME_LENGTH));
  if (!/^[-a-z0-9]+$/.test(text)) found.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  if (!/[a-z]/.test(text)) found.push("must contain at least one letter (a-z)");
  if (text.includes("--")) found.push("must not contain consecutive hyphens");
  if (/^-|-$/.test(text)) found.push("must not begin or end with a hyphen");
  return found;
}

const PORT_TEXT = "must be between 1 and 65535, inclusive";

/** A port's number. */
export function portNumberMistakes(port: number): string[] {
  return Number.isInteger(port) && port >= 1 && port <= 65535 ? [] : [PORT_TEXT];
}

/** An address of either family. */
export function ipMistakes(text: string): string[] {
  return parseIp(text) === undefined ? ["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"] : [];
}

/** True for `1.2.3.4`. */
export function isIpv4(text: string): boolean {
  return !text.includes(":") && parseIp(text) !== undefined;
}

/** True for `::1`. */
export function isIpv6(text: string): boolean {
  return text.includes(":") && parseIp(text) !== undefined;
}

/** True for `10.0.0.0/8`. */
export function isCidr(text: string): boolean {
  return text.includes("/") && parseCidr(text) !== undefined;
}

const specialRanges: readonly (readonly [RegExp, string])[] = [
  [/^(?:0\.0\.0\.0|::)$/, "may not be unspecified"],
  [/^(?:127\.\d+\.\d+\.\d+|::1)$/, "may not be in the loopback range (127.0.0.0/8, ::1/128)"],
  [/^(?:169\.254\.\d+\.\d+|fe[89ab][0-9a-f]:.*)$/i, "may not be in the link-local range (169.254.0.0/16, fe80::/10)"],
  [
    /^(?:224\.0\.0\.\d+|ff02:.*)$/i,
    "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)",
  ],
];

/** An address that an endpoint may not have. */
export function endpointIpMistakes(text: string): string[] {
  if (parseIp(text) === undefined) return ["must be a valid IP address"];
  return specialRanges.filter(([range]) => range.test(text)).map(([, message]) => message);
}
