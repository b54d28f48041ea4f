// Who sent a request: static tokens, tokens of service accounts, whatever the server tells of certificates, or nobody.

import { ISSUER, type ServiceAccountTokens, type TokenIdentity } from "./service-account-tokens.ts";
import { anonymous, AUTHENTICATED, type User } from "./user.ts";

/** A user that a static token or a certificate stands for. */
export interface KnownUser {
  readonly name: string;
  /** Default: none. */
  readonly uid?: string;
  /** Default: none; `system:authenticated` is added. */
  readonly groups?: readonly string[];
}

/** Whom the authenticator knows. */
export interface AuthenticatorOptions {
  /** Users by their tokens. */
  readonly tokens: Readonly<Record<string, KnownUser>>;
  /** Default: nobody comes with a certificate. */
  readonly certificateUser?: (request: Request) => KnownUser | undefined;
}

/** Finds the user of a request. */
export class Authenticator {
  readonly #tokens: ReadonlyMap<string, User>;
  readonly #certificateUser: (request: Request) => KnownUser | undefined;
  readonly #accounts: ServiceAccountTokens;

  constructor({ tokens, certificateUser = () => undefined }: AuthenticatorOptions, accounts: ServiceAccountTokens) {
    this.#tokens = new Map(Object.entries(tokens).map(([token, known]) => [token, toUser(known)]));
    this.#certificateUser = certificateUser;
    this.#accounts = accounts;
  }

  /** The user; undefined when the credentials are wrong. No credentials, or some of a kind unknown here: anonymous. */
  async userOf(request: Request): Promise<User | undefined> {
    const known = this.#certificateUser(request);
    if (known !== undefined) return toUser(known);
    const token = bearerToken(request.headers.get("authorization"));
    if (token === "") return anonymous;
    return (await this.identify(token, [ISSUER]))?.user;
  }

  /** Whose token it is, for a TokenReview. */
  async identify(token: string, audiences: readonly string[]): Promise<TokenIdentity | undefined> {
    const user = this.#tokens.get(token);
    if (user !== undefined) return { user, audiences };
    return await this.#accounts.verify(token, audiences, Date.now());
  }
}

function toUser({ name, uid = "", groups = [] }: KnownUser): User {
  return { name, uid, groups: [...groups, AUTHENTICATED] };
}

function bearerToken(header: string | null): string {
  const [scheme = "", token = ""] = (header ?? "").trim().split(/\s+/);
  return scheme.toLowerCase() === "bearer" ? token : "";
}
