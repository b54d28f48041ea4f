// Values of plugin options that stand in Secrets: `urn:k8s:secret:NAME:KEY`.

import { quoteValue } from "../../../schema/issues.ts";
import type { FieldPath } from "../../../schema/path.ts";
import { valueOf } from "../backend/secret.ts";
import { isRecord } from "../store/object.ts";
import type { CrdReferrer } from "./placed-ref.ts";
import { readValues } from "./secrets.ts";
import type { Translation } from "./translation.ts";

const PREFIX = "urn:k8s:secret:";
const MAX_LEVELS = 50; // of options inside options: more is a mistake, and walking recurses

/** Options as written, and where. */
export interface PlacedOptions {
  readonly written: unknown;
  readonly path: FieldPath;
}

/** @returns a copy with the Secrets' values; undefined when one can't be had, which has been reported */
export function withPluginSecrets(
  translation: Translation,
  { written, path }: PlacedOptions,
  referrer: CrdReferrer,
): Readonly<Record<string, unknown>> | undefined {
  let complete = true;
  const fail = (): undefined => {
    complete = false;
    return undefined;
  };
  const walk = (value: unknown, at: FieldPath): unknown => {
    if (at.length > path.length + MAX_LEVELS) {
      translation.report(referrer.source, at, {
        code: "too-deep",
        message: `options may be nested ${MAX_LEVELS} levels deep`,
      });
      return fail();
    }
    if (typeof value === "string") return value.startsWith(PREFIX) ? secretAt(value, at) ?? fail() : value;
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...at, index]));
    if (!isRecord(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, walk(field, [...at, key])]));
  };
  const secretAt = (urn: string, at: FieldPath): string | undefined => {
    const [name = "", key = "", ...more] = urn.slice(PREFIX.length).split(":");
    if (name !== "" && key !== "" && more.length === 0) {
      return readValues(translation, { name, path: at, read: (values) => valueOf(values, key) }, referrer);
    }
    translation.report(referrer.source, at, {
      code: "invalid-value",
      message: `a value in a Secret must be written as ${PREFIX}NAME:KEY, got ${quoteValue(urn)}`,
    });
    return undefined;
  };
  const result = walk(written, path);
  return complete && isRecord(result) ? result : undefined;
}
