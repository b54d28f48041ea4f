// The version of weir; a test compares it with package.json's.

/** Semantic version. */
export const VERSION = "0.1.0";
