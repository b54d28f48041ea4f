// Reads `Accept` and `Accept-Encoding`: what a client takes, and how gladly.

/** One member of such a list. */
export interface Preference {
  /** In lower case, without parameters: `gzip`, `text/plain`, `*`. */
  readonly value: string;
  /** 0 (never) to 1. */
  readonly quality: number;
}

const MAX_MEMBERS = 64; // real clients send fewer than ten; the rest is not read

/** Members in the order sent. A broken quality counts as 0: the client gets what needs no negotiation. */
export function parsePreferences(header: string): readonly Preference[] {
  const preferences: Preference[] = [];
  for (const member of header.split(",", MAX_MEMBERS)) {
    const [value = "", ...parameters] = member.split(";");
    const name = value.trim().toLowerCase();
    if (name !== "") preferences.push({ value: name, quality: qualityOf(parameters) });
  }
  return preferences;
}

function qualityOf(parameters: readonly string[]): number {
  for (const parameter of parameters) {
    const [name = "", value = ""] = parameter.split("=", 2);
    if (name.trim().toLowerCase() !== "q") continue;
    const text = value.trim();
    return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : 0; // RFC 9110 §12.4.2
  }
  return 1;
}
