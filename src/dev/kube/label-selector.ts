// Label selectors of requests: what can't be read is answered with 400.

import { ProxyError } from "../../net/error.ts";
import { parseLabelSelector, type Requirement } from "../../schema/label-selector.ts";
import { badRequest } from "./status.ts";

/**
 * Parses a label selector.
 * @throws {StatusError} 400 when it can't be read
 */
export function labelSelector(text: string): Requirement {
  try {
    return parseLabelSelector(text);
  } catch (thrown) {
    throw thrown instanceof ProxyError ? badRequest(thrown.message) : thrown;
  }
}
