// Answers nobody wants: read when they are short, so that their connection can be used again, else cut off.

import type { ProxyResponse } from "../http/response.ts";
import type { ProxyError } from "../net/error.ts";

/** Bytes of an unwanted answer that are read. */
export const DISCARD_LIMIT = 64 * 1024;

/** Reads an answer away. @param done called once, with the error if the answer broke off */
export function discard(answer: ProxyResponse, done?: (error: ProxyError | undefined) => void): void {
  const body = answer.body;
  if (body === undefined) return done?.(undefined);
  let size = body.length ?? 0;
  if (size > DISCARD_LIMIT || body.used) {
    body.cancel();
    return done?.(undefined);
  }
  size = 0;
  body.start({
    chunk: (bytes) => {
      size += bytes.length;
      if (size <= DISCARD_LIMIT) return true;
      body.cancel();
      done?.(undefined);
      return false;
    },
    end: () => done?.(undefined),
    fail: (error) => done?.(error),
  });
}
