// Who uses a part: thousands of routers may share one, and each is to be listed once.

/** Keeps lists of names free of repeats without searching them. */
export class UserList {
  readonly #seen = new Map<string, Set<string>>();

  /** Adds `user` to the list of the part `key`, unless it is there. @returns false when it was */
  add(key: string, user: string, list: string[]): boolean {
    let seen = this.#seen.get(key);
    if (seen === undefined) {
      seen = new Set();
      this.#seen.set(key, seen);
    }
    if (seen.has(user)) return false;
    seen.add(user);
    list.push(user);
    return true;
  }
}
