// Who may use an API: everybody everything, or users with tokens under the rights that RBAC gives them.

import type { KindRegistry } from "../kube/kind-registry.ts";
import type { ObjectStore } from "../kube/object-store.ts";
import { StatusError } from "../kube/status.ts";
import { Authenticator, type AuthenticatorOptions } from "./authenticator.ts";
import { impersonationOf } from "./impersonation.ts";
import { type Attributes, Rbac } from "./rbac.ts";
import { ServiceAccountTokens, type TokenSubject } from "./service-account-tokens.ts";
import { everybody, type User } from "./user.ts";

/** How an API treats its clients. */
export interface AccessOptions extends AuthenticatorOptions {
  /** Whether rights are checked. Default: true. */
  readonly authorize?: boolean;
}

/** Authentication and authorisation of one API. */
export class Access {
  readonly accounts: ServiceAccountTokens;
  readonly rbac: Rbac;
  readonly authenticator: Authenticator;
  readonly #isOpen: boolean;
  readonly #authorizes: boolean;

  /** @param options absent: nobody is asked who they are, and everybody may do everything */
  constructor(store: ObjectStore, kinds: KindRegistry, options: AccessOptions | undefined) {
    this.accounts = new ServiceAccountTokens(({ namespace, name, uid }: TokenSubject) => {
      return store.get(kinds.builtIn("ServiceAccount"), namespace, name)?.metadata.uid === uid;
    });
    this.rbac = new Rbac(store, kinds);
    this.authenticator = new Authenticator(options ?? { tokens: {} }, this.accounts);
    this.#isOpen = options === undefined;
    this.#authorizes = options !== undefined && options.authorize !== false;
  }

  /** Whether rights are checked at all. */
  get authorizes(): boolean {
    return this.#authorizes;
  }

  /**
   * The user a request is made for, after impersonation.
   * @throws {StatusError} 401 or 403
   */
  async userOf(request: Request): Promise<User> {
    const user = this.#isOpen ? everybody : await this.authenticator.userOf(request);
    if (user === undefined) throw new UnauthorizedError();
    const other = impersonationOf(request.headers);
    for (const need of other?.needs ?? []) this.check(user, need);
    return other?.user ?? user;
  }

  /** Lets a request pass. @throws {StatusError} 403 */
  check(user: User, attributes: Attributes): void {
    if (!this.#authorizes) return;
    const { allowed, reason } = this.rbac.decide(user, attributes);
    if (!allowed) throw refusal(user, attributes, reason);
  }
}

/** 401. */
class UnauthorizedError extends StatusError {
  constructor() {
    super(401, "Unauthorized", "Unauthorized");
  }
}

function refusal(user: User, { verb, path, resource }: Attributes, reason: string): StatusError {
  const who = `User ${JSON.stringify(user.name)} cannot ${verb}`;
  const why = reason === "" ? "" : `: ${reason}`;
  if (resource === undefined) {
    return new StatusError(403, "Forbidden", `forbidden: ${who} path ${JSON.stringify(path)}${why}`, {});
  }
  const { group, name, namespace, subresource } = resource;
  const what = JSON.stringify(subresource === "" ? resource.resource : `${resource.resource}/${subresource}`);
  const where = namespace === "" ? "at the cluster scope" : `in the namespace ${JSON.stringify(namespace)}`;
  const title = group === "" ? resource.resource : `${resource.resource}.${group}`;
  const message = `${title}${name === "" ? "" : ` ${JSON.stringify(name)}`} is forbidden: ` +
    `${who} resource ${what} in API group ${JSON.stringify(group)} ${where}${why}`;
  return new StatusError(403, "Forbidden", message, {
    ...(name === "" ? {} : { name }),
    ...(group === "" ? {} : { group }),
    kind: resource.resource,
  });
}
