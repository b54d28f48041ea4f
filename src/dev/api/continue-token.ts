// The tokens that lead from one page of a list to the next: base64url of `{"v","rv","start"}`.

import { numberAt, textAt } from "../json.ts";
import { badRequest } from "../kube/status.ts";
import { jsonProblem } from "./json-problem.ts";

/** Where a list goes on. */
export interface ContinueToken {
  /** The version of the list; -1: whatever is there now. */
  readonly version: number;
  /** The first key that may follow: the last one sent and a zero character. */
  readonly start: string;
}

/** The text of a token. */
export function encodeToken({ version, start }: ContinueToken): string {
  const json = JSON.stringify({ v: "meta.k8s.io/v1", rv: version, start });
  return btoa(String.fromCharCode(...new TextEncoder().encode(json)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Reads a token. @throws {StatusError} 400 */
export function decodeToken(token: string): ContinueToken {
  const bytes = bytesOf(token);
  const problem = jsonProblem(bytes);
  if (problem !== undefined) throw invalidToken(problem);
  const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
  const [version, start] = [numberAt(value, "rv") ?? 0, textAt(value, "start") ?? ""];
  if (textAt(value, "v") !== "meta.k8s.io/v1") {
    throw invalidToken('server does not recognize this encoded version "..."');
  }
  if (version === 0) throw invalidToken("incorrect encoded start resourceVersion (version meta.k8s.io/v1)");
  if (start === "") throw invalidToken("encoded start key empty (version meta.k8s.io/v1)");
  return { version, start };
}

function bytesOf(token: string): Uint8Array {
  try {
    return Uint8Array.from(atob(token.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
  } catch {
    throw invalidToken("illegal base64 data at input byte 0");
  }
}

function invalidToken(why: string) {
  return badRequest(`invalid continue token: continue key is not valid: ${why}`);
}
