// Configuration problems as values: what is wrong, where, what was wanted, and a hint (DESIGN D7).

/** A place in a file. Lines and columns count from 1. */
export interface FilePosition {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** What a configuration value came from. */
export type Source =
  | ({ readonly type: "file" } & FilePosition)
  | {
    readonly type: "object";
    readonly apiVersion: string;
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
    /** Where the manifest lies, when the object came from a file. */
    readonly position?: FilePosition;
  }
  | { readonly type: "flag"; readonly flag: string }
  | { readonly type: "env"; readonly variable: string };

/** One thing that is wrong with a configuration. The part it concerns is disabled; everything else goes on. */
export interface Problem {
  readonly severity: "error" | "warning";
  /** Machine-readable, in kebab case: `unknown-field`, `missing-service`. */
  readonly code: string;
  /** Names the thing, quotes the value, says what was wanted. One line. */
  readonly message: string;
  /** What to do about it: "did you mean …?". */
  readonly hint?: string;
  readonly source?: Source;
  /** Path of the field inside its document: `["spec", "routes", 0, "match"]`. */
  readonly path?: readonly (string | number)[];
}
