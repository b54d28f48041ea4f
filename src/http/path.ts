// The canonical path: one spelling for routing, middlewares, logs and the backend (DESIGN D3).

/** Characters that a percent-encoding never needs: RFC 3986 §2.3. */
const UNRESERVED = /[A-Za-z0-9\-._~]/;
/** What may stand in a path as it is: RFC 3986 pchar and `/`, and `[ ]`, which Go leaves alone too. */
const PLAIN_PATH = /^[A-Za-z0-9\-._~!$&'()*+,;=:@/[\]%]*$/;
const ENCODED = /%([0-9A-Fa-f]{2})/g;
const BAD_ENCODING = /%(?![0-9A-Fa-f]{2})/;

/** Percent-encoded characters that can be refused, by the names of Traefik's `encodedCharacters` options. */
export interface EncodedCharacters {
  readonly allowEncodedSlash: boolean;
  readonly allowEncodedBackSlash: boolean;
  readonly allowEncodedNullCharacter: boolean;
  readonly allowEncodedSemicolon: boolean;
  readonly allowEncodedPercent: boolean;
  readonly allowEncodedQuestionMark: boolean;
  readonly allowEncodedHash: boolean;
}

const codeOf: readonly (readonly [keyof EncodedCharacters, string])[] = [
  ["allowEncodedSlash", "2f"],
  ["allowEncodedBackSlash", "5c"],
  ["allowEncodedNullCharacter", "00"],
  ["allowEncodedSemicolon", "3b"],
  ["allowEncodedPercent", "25"],
  ["allowEncodedQuestionMark", "3f"],
  ["allowEncodedHash", "23"],
];

/** @returns a test for refused encodings in a raw path, or undefined when everything is allowed */
export function encodedCharacterFilter(allowed: EncodedCharacters): RegExp | undefined {
  const codes = codeOf.filter(([option]) => !allowed[option]).map(([, code]) => code);
  return codes.length === 0 ? undefined : new RegExp(`%(?:${codes.join("|")})`, "i");
}

/**
 * Brings a path into its canonical form: unreserved characters decoded, other encodings in upper case,
 * characters outside RFC 3986 encoded, dot segments and empty segments removed (a trailing slash stays).
 * @param path begins with `/`; visible ASCII only
 * @param sanitize false keeps dot segments and double slashes (Traefik's `sanitizePath: false`)
 * @returns undefined for a broken percent-encoding
 */
export function canonicalPath(path: string, sanitize = true): string | undefined {
  let canonical = path;
  if (!PLAIN_PATH.test(canonical)) canonical = canonical.replace(/[^A-Za-z0-9\-._~!$&'()*+,;=:@/[\]%]/g, percentEncode);
  if (canonical.includes("%")) {
    if (BAD_ENCODING.test(canonical)) return undefined;
    canonical = canonical.replace(ENCODED, normalizeEncoding);
  }
  if (!sanitize) return canonical;
  return canonical.includes("//") || canonical.includes("/.") ? cleanSegments(canonical) : canonical;
}

function percentEncode(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
}

function normalizeEncoding(encoding: string, hex: string): string {
  const character = String.fromCharCode(Number.parseInt(hex, 16));
  return UNRESERVED.test(character) ? character : encoding.toUpperCase();
}

/** Go's `path.Clean` with the trailing slash kept, which is what Traefik's `sanitizePath` does. */
function cleanSegments(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment === "..") kept.pop();
    else kept.push(segment);
  }
  const cleaned = `/${kept.join("/")}`;
  return path.endsWith("/") && cleaned !== "/" ? `${cleaned}/` : cleaned;
}
