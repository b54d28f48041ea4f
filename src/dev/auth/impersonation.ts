// `kubectl --as`: who may act for whom.

import { StatusError } from "../kube/status.ts";
import type { Attributes } from "./rbac.ts";
import { anonymous, AUTHENTICATED, serviceAccountUser, type User } from "./user.ts";

const EXTRA = "impersonate-extra-";
const ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;

/** Headers that name groups or more without naming a user; a real server calls that a failure of its own. */
export class ImpersonationError extends StatusError {}

/** What somebody asks to be. */
export interface Impersonation {
  readonly user: User;
  /** What the asking user must be allowed. */
  readonly needs: readonly Attributes[];
}

/**
 * Reads the headers.
 * @returns undefined when there are none
 * @throws {ImpersonationError} 500
 */
export function impersonationOf(headers: Headers): Impersonation | undefined {
  const name = headers.get("impersonate-user") ?? "";
  const uid = headers.get("impersonate-uid") ?? "";
  const groups = (headers.get("impersonate-group") ?? "").split(",").map((group) => group.trim()).filter(Boolean);
  const extra = extraOf(headers);
  if (name === "" && uid === "" && groups.length === 0 && Object.keys(extra).length === 0) return undefined;
  if (name === "") {
    const asked = groups.map((group) => `{Group  ${group}    }`).join(" ");
    throw new ImpersonationError(500, "", `requested [${asked}] without impersonating a user`);
  }
  const user = { name, uid, groups: groupsOf(name, groups), extra };
  return { user, needs: needsOf({ name, uid, groups }, extra) };
}

type Extra = Readonly<Record<string, readonly string[]>>;

function extraOf(headers: Headers): Extra {
  const found: Record<string, readonly string[]> = {};
  headers.forEach((value, name) => {
    if (name.startsWith(EXTRA)) {
      found[decodeURIComponent(name.slice(EXTRA.length))] = value.split(",").map((each) => each.trim());
    }
  });
  return found;
}

function groupsOf(name: string, groups: readonly string[]): string[] {
  if (name === anonymous.name) return [...groups, ...anonymous.groups];
  const [, namespace = "", account = ""] = ACCOUNT.exec(name) ?? [];
  const own = groups.length > 0 || account === "" ? groups : serviceAccountUser(namespace, account, "").groups;
  return own.includes(AUTHENTICATED) ? [...own] : [...own, AUTHENTICATED];
}

function needsOf({ name, uid, groups }: Omit<User, "extra">, extra: Extra): Attributes[] {
  const need = (
    resource: string,
    object: string,
    more: { group?: string; namespace?: string; subresource?: string } = {},
  ) => ({
    verb: "impersonate",
    path: "",
    resource: { group: "", namespace: "", subresource: "", resource, name: object, ...more },
  });
  const authentication = { group: "authentication.k8s.io" };
  const [, namespace = "", account = ""] = ACCOUNT.exec(name) ?? [];
  return [
    account === "" ? need("users", name) : need("serviceaccounts", account, { namespace }),
    ...groups.map((group) => need("groups", group)),
    ...Object.entries(extra).flatMap(([key, values]) =>
      values.map((value) => need("userextras", value, { ...authentication, subresource: key }))
    ),
    ...(uid === "" ? [] : [need("uids", uid, authentication)]),
  ];
}
