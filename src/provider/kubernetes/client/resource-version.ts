// Comparing resourceVersions: opaque texts by contract, growing numbers in every server there is.

/** @returns whether `a` is older than `b`; false when either is not a number */
export function isOlder(a: string, b: string): boolean {
  if (!/^[0-9]+$/.test(a) || !/^[0-9]+$/.test(b)) return false;
  return a.length === b.length ? a < b : a.length < b.length;
}
