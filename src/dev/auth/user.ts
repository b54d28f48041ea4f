// Who makes a request.

/** A user, as authentication found it. */
export interface User {
  readonly name: string;
  /** Empty: none. */
  readonly uid: string;
  readonly groups: readonly string[];
  /** More about the user; keys are lower case. Default: nothing. */
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** Members of this group may do everything, whatever RBAC says, and are never throttled. */
export const MASTERS = "system:masters";

/** Every user but the anonymous one is in this group. */
export const AUTHENTICATED = "system:authenticated";

/** Who sends no credentials. */
export const anonymous: User = { name: "system:anonymous", uid: "", groups: ["system:unauthenticated"] };

/** The one user of an API that asks nobody who they are. */
export const everybody: User = { name: "weir-dev", uid: "", groups: [MASTERS, AUTHENTICATED] };

/** The user behind a service account. */
export function serviceAccountUser(namespace: string, name: string, uid: string): User {
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    uid,
    groups: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, AUTHENTICATED],
  };
}
