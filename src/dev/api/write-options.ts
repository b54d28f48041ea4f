// The options of a write: dry run, what becomes of unknown fields, and who owns what is written.

import type { FieldValidation } from "../admission/admission.ts";
import { checkManagerName, managerOf } from "../managed/manager-name.ts";
import { type Cause, invalidNamed, type StatusError } from "../kube/status.ts";
import type { ResourceRequest } from "./resource-request.ts";

/** Whether a request must leave no trace. */
export function isDryRun(query: URLSearchParams): boolean {
  return query.get("dryRun") === "All";
}

/** What a request wants done with fields that its kind does not have. */
export function fieldValidationOf(query: URLSearchParams): FieldValidation {
  const wanted = query.get("fieldValidation");
  return wanted === "Strict" || wanted === "Ignore" ? wanted : "Warn";
}

/** By what name the sender of a request owns fields. */
export function requestManager({ query, request }: ResourceRequest): string {
  return managerOf(query, request.headers.get("user-agent"));
}

const allowed: Readonly<Record<string, readonly string[]>> = {
  dryRun: ["All"],
  fieldValidation: ["", "Ignore", "Strict", "Warn"],
};

/** Refuses values of options that no server knows. @param options `CreateOptions` @throws {StatusError} 422 */
export function checkOptions({ query }: Pick<ResourceRequest, "query">, options: string): void {
  for (const [field, values] of Object.entries(allowed)) {
    for (const given of query.getAll(field)) {
      if (values.includes(given)) continue;
      const shown = field === "dryRun" ? `[]string{${JSON.stringify(given)}}` : JSON.stringify(given);
      const supported = values.map((value) => JSON.stringify(value)).join(", ");
      const message = `Unsupported value: ${shown}: supported values: ${supported}`;
      throw invalidOptions(options, { reason: "FieldValueNotSupported", message, field });
    }
  }
  checkManagerName(query, options);
}

/** 422 for an option. */
export function invalidOptions(options: string, cause: Cause): StatusError {
  return invalidNamed(`${options}.meta.k8s.io`, { group: "meta.k8s.io", kind: options }, "", [cause]);
}
