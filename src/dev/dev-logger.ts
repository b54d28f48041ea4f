// What the local cluster tells about itself; any logger of weir's fits.

/** The two levels the local cluster writes. */
export interface DevLogger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}
