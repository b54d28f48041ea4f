// Which fields and headers an access log line may show: Traefik's `accessLog.fields`.

/** What happens to a field. */
export type FieldMode = "keep" | "drop";

/** What happens to a header. */
export type HeaderMode = "keep" | "drop" | "redact";

/** Traefik's `accessLog.fields`. */
export interface AccessLogFields {
  /** Default: keep. */
  readonly defaultMode?: FieldMode | undefined;
  /** By field name, in any case. */
  readonly names?: Readonly<Record<string, FieldMode>> | undefined;
  readonly headers?: {
    /** Default: drop. */
    readonly defaultMode?: HeaderMode | undefined;
    /** By header name, in any case. */
    readonly names?: Readonly<Record<string, HeaderMode>> | undefined;
  } | undefined;
  /** weir's own: whether RequestPath shows the query. Default: keep. */
  readonly query?: FieldMode | undefined;
}

/** The choice, made once when the log is created. */
export interface FieldChoice {
  /** @param name Traefik's field name: `ClientHost` */
  keeps(name: string): boolean;
  /** @param key header name in lower case */
  header(key: string): HeaderMode;
  /** Some header is shown. */
  readonly anyHeader: boolean;
  readonly query: boolean;
}

/** Shown only when named: a default of `keep` must not put passwords and sessions into a file. */
const credentials: ReadonlySet<string> = new Set(["authorization", "proxy-authorization", "cookie", "set-cookie"]);

/** @returns the choice the options describe */
export function chooseFields(fields: AccessLogFields = {}): FieldChoice {
  const byDefault = fields.defaultMode ?? "keep";
  const names = lowerKeys(fields.names ?? {});
  const headerDefault = fields.headers?.defaultMode ?? "drop";
  const headers = lowerKeys(fields.headers?.names ?? {});
  const modeOf = (key: string): HeaderMode => {
    const named = headers.get(key);
    if (named !== undefined) return named;
    return headerDefault === "keep" && credentials.has(key) ? "redact" : headerDefault;
  };
  return {
    keeps: (name) => (names.get(name.toLowerCase()) ?? byDefault) === "keep",
    header: modeOf,
    anyHeader: headerDefault !== "drop" || [...headers.values()].some((mode) => mode !== "drop"),
    query: (fields.query ?? "keep") === "keep",
  };
}

function lowerKeys<Mode>(record: Readonly<Record<string, Mode>>): ReadonlyMap<string, Mode> {
  return new Map(Object.entries(record).map(([name, mode]) => [name.toLowerCase(), mode]));
}
