// Tokens of service accounts: signed claims, as the TokenRequest API gives them out.

import { isObject, type JsonObject, listAt, numberAt, textAt } from "../json.ts";
import { serviceAccountUser, type User } from "./user.ts";

/** Who issues the tokens of a cluster, and the audience of its API. */
export const ISSUER = "https://kubernetes.default.svc.cluster.local";

/** The account a token is for. */
export interface TokenSubject {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** What a token is good for. */
export interface TokenTerms {
  readonly audiences: readonly string[];
  readonly seconds: number;
}

/** What a valid token says. */
export interface TokenIdentity {
  readonly user: User;
  /** Those that were asked for and that the token has. */
  readonly audiences: readonly string[];
}

const ALGORITHM = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" } as const;
const KEY_BITS = 2048;
const encoder = new TextEncoder();

/** Gives out tokens and recognises them. The key is made when the first one is needed, and lives as long as this. */
export class ServiceAccountTokens {
  readonly #isAlive: (subject: TokenSubject) => boolean;
  #pair: Promise<CryptoKeyPair> | undefined = undefined;

  /** @param isAlive whether the account is still there, under the same uid */
  constructor(isAlive: (subject: TokenSubject) => boolean) {
    this.#isAlive = isAlive;
  }

  /** A new token. @param now milliseconds since 1970 */
  async issue(
    { namespace, name, uid }: TokenSubject,
    { audiences, seconds }: TokenTerms,
    now: number,
  ): Promise<string> {
    const issued = Math.floor(now / 1000);
    const claims = {
      aud: audiences,
      exp: issued + seconds,
      iat: issued,
      iss: ISSUER,
      "kubernetes.io": { namespace, serviceaccount: { name, uid } },
      nbf: issued,
      sub: `system:serviceaccount:${namespace}:${name}`,
    };
    const { privateKey, publicKey } = await this.#keys();
    const head = { alg: "RS256", kid: await keyId(publicKey) };
    const text = `${encodeJson(head)}.${encodeJson(claims)}`;
    const signature = await crypto.subtle.sign(ALGORITHM.name, privateKey, encoder.encode(text));
    return `${text}.${encodeBytes(new Uint8Array(signature))}`;
  }

  /** Who a token is for; undefined when it is not one of ours, not for these audiences, over, or its account is gone. */
  async verify(token: string, audiences: readonly string[], now: number): Promise<TokenIdentity | undefined> {
    const [head = "", body = "", signature = "", ...more] = token.split(".");
    if (more.length > 0 || signature === "") return undefined;
    const [bytes, claims] = [decodeBytes(signature), decodeJson(body)];
    if (bytes === undefined || claims === undefined) return undefined;
    const { publicKey } = await this.#keys();
    const signed = encoder.encode(`${head}.${body}`);
    if (!await crypto.subtle.verify(ALGORITHM.name, publicKey, bytes, signed)) return undefined;
    return this.#identity(claims, audiences, now / 1000);
  }

  /** The public key, as `/openid/v1/jwks` shows it. */
  async keySet(): Promise<JsonObject> {
    const { publicKey } = await this.#keys();
    const { n, e } = await crypto.subtle.exportKey("jwk", publicKey);
    return { keys: [{ use: "sig", kty: "RSA", kid: await keyId(publicKey), alg: "RS256", n, e }] };
  }

  #identity(claims: JsonObject, wanted: readonly string[], now: number): TokenIdentity | undefined {
    const audiences = listAt(claims, "aud").filter((each) => typeof each === "string" && wanted.includes(each))
      .map(String);
    const account = (field: string) => textAt(claims, "kubernetes.io", "serviceaccount", field) ?? "";
    const namespace = textAt(claims, "kubernetes.io", "namespace") ?? "";
    const subject = { namespace, name: account("name"), uid: account("uid") };
    const timely = (numberAt(claims, "exp") ?? 0) > now && (numberAt(claims, "nbf") ?? Infinity) <= now;
    if (audiences.length === 0 || !timely || !this.#isAlive(subject)) return undefined;
    return { user: serviceAccountUser(namespace, subject.name, subject.uid), audiences };
  }

  async #keys(): Promise<CryptoKeyPair> {
    this.#pair ??= crypto.subtle.generateKey(
      { ...ALGORITHM, modulusLength: KEY_BITS, publicExponent: new Uint8Array([1, 0, 1]) },
      true,
      ["sign", "verify"],
    );
    return await this.#pair;
  }
}

/** A name for the key: a digest of it. */
async function keyId(key: CryptoKey): Promise<string> {
  const bytes = await crypto.subtle.exportKey("spki", key);
  return encodeBytes(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

function encodeJson(value: unknown): string {
  return encodeBytes(encoder.encode(JSON.stringify(value)));
}

function encodeBytes(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function decodeBytes(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
  } catch {
    return undefined; // no base64: nobody's token
  }
}

function decodeJson(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(decodeBytes(text)));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // no JSON: nobody's token
  }
}
