// The options of sub-commands that take no flags of the proxy: `--name value`, `--name=value`, and nothing else.

/** What an option takes. */
export interface OptionRule {
  /** Several values, with commas or by repeating the option. Default: one value. */
  readonly list?: boolean;
  /** What a value must be, for the message when it is not. Default: anything that is not empty. */
  readonly wanted?: { readonly pattern: RegExp; readonly text: string };
}

/** The values given, by option; an option that was not given has none. */
export type OptionValues = ReadonlyMap<string, readonly string[]>;

/** Reads options. @param rules by name, without dashes */
export function readOptions(
  args: readonly string[],
  rules: Readonly<Record<string, OptionRule>>,
): OptionValues | { readonly usage: string } {
  const values = new Map<string, readonly string[]>();
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? "";
    const { name, inline } = splitArgument(arg);
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined) return { usage: unknownArgument(arg, Object.keys(rules)) };
    const given = valuesOf(name, inline ?? args[++at], rule);
    if ("usage" in given) return given;
    const before = values.get(name) ?? [];
    if (before.length > 0 && rule.list !== true) return { usage: `--${name} is given twice` };
    values.set(name, [...before, ...given]);
  }
  return values;
}

/** What does not begin with two dashes is no option: its name is empty. */
function splitArgument(arg: string): { readonly name: string; readonly inline: string | undefined } {
  if (!arg.startsWith("--")) return { name: "", inline: undefined };
  const equals = arg.indexOf("=");
  if (equals === -1) return { name: arg.slice(2), inline: undefined };
  return { name: arg.slice(2, equals), inline: arg.slice(equals + 1) };
}

function valuesOf(name: string, value: string | undefined, rule: OptionRule): readonly string[] | { usage: string } {
  if (value === undefined || value === "") return { usage: `--${name} needs a value` };
  const given = rule.list === true ? value.split(",").map((each) => each.trim()) : [value];
  const bad = given.find((each) => rule.wanted !== undefined && !rule.wanted.pattern.test(each));
  if (bad === undefined) return given;
  return { usage: `--${name} must be ${rule.wanted?.text}, got ${JSON.stringify(bad)}` };
}

function unknownArgument(arg: string, known: readonly string[]): string {
  const options = known.map((name) => `--${name}`).join(", ");
  return `${JSON.stringify(arg)} is not an option; it takes ${options === "" ? "none" : options}`;
}
