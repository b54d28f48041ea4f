// Objects without fields that are there and undefined: `exactOptionalPropertyTypes` tells the two apart.

/** The same type with fields that may be undefined turned into fields that may be absent. */
export type Compact<T> =
  & { [Key in keyof T as undefined extends T[Key] ? never : Key]: T[Key] }
  & { [Key in keyof T as undefined extends T[Key] ? Key : never]?: Exclude<T[Key], undefined> };

/** A copy without its undefined fields. */
export function compact<T extends object>(value: T): Compact<T>;
/** See above. */
export function compact(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined));
}
