// Secrets with users, as Traefik reads them: a list as htpasswd writes it, or one name and its password.

import { sha1Hex } from "../../../net/hash.ts";
import type { Read, Values } from "./secret.ts";

/** `name:hash` per user. A Secret of type kubernetes.io/basic-auth holds one name and its password in the clear. */
export function basicUsersOf(values: Values): Read<readonly string[]> {
  if (values.type !== "kubernetes.io/basic-auth") return usersOf(values);
  const [name = "", password = ""] = [values.get("username"), values.get("password")];
  if (name === "" || password === "") {
    const key = name === "" ? "username" : "password";
    return { problem: { code: "incomplete-secret", message: `it has no "${key}"` } };
  }
  return { value: [`${name}:{SHA}${toBase64(sha1Hex(password))}`] };
}

/** One user per line of the Secret's only key, whatever that is called. Lines without a name are none. */
export function usersOf(values: Values): Read<readonly string[]> {
  const [text, ...others] = values.values();
  if (text === undefined || others.length > 0) {
    const message = `it must have exactly one key, with one user per line, and has ${values.size}`;
    return { problem: { code: "bad-users", message } };
  }
  const users = text.split("\n").map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
  return users.length === 0 ? { problem: { code: "bad-users", message: "it has no users" } } : { value: users };
}

/** htpasswd's `{SHA}` is the hash itself in base64. */
function toBase64(hex: string): string {
  const bytes = hex.match(/../g) ?? [];
  return btoa(String.fromCharCode(...bytes.map((byte) => Number.parseInt(byte, 16))));
}
