// Takes secrets out of values before they reach a log or the API: by the name of the key, and by their looks.

/** What stands in a secret's place. */
export const redacted = "xxxx";

const SECRET_NAME =
  /passw(or)?d|secret|token|credential|private[-_]?key|api[-_]?key|access[-_]?key|hmac|^(proxy-)?authorization$|^(set-)?cookie$|^users$|^key$/i;
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;
const USER_INFO = /\/\/[^/@\s]+@/g; // https://user:password@host
const MAX_DEPTH = 12; // configuration is never nested deeper; a cycle ends here

/** True when values under that key must not be shown. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/**
 * A copy fit for showing. Texts, numbers and lists of texts under secret names become `xxxx`; objects are searched,
 * so that `sticky.cookie` stays readable while a `Cookie` header does not.
 */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return redactText(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= MAX_DEPTH) return "…";
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  const copy: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    const shown = isSecretName(key) ? redactSecret(item, depth + 1) : redact(item, depth + 1);
    Object.defineProperty(copy, key, { value: shown, enumerable: true }); // a key may be `__proto__`
  }
  return copy;
}

/** Text without private keys and without the user information of URLs. */
export function redactText(text: string): string {
  if (PRIVATE_KEY.test(text)) return redacted;
  return text.includes("@") ? text.replace(USER_INFO, `//${redacted}@`) : text;
}

function redactSecret(value: unknown, depth: number): unknown {
  if (value === undefined || value === null || value === "" || typeof value === "boolean") return value;
  if (Array.isArray(value)) return value.map((item) => redactSecret(item, depth));
  return typeof value === "object" ? redact(value, depth) : redacted;
}
