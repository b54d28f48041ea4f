// Failures of the embedded API as Kubernetes tells them: a Status object with reason, details and causes.

import { ProxyError } from "../../net/error.ts";
import type { JsonObject } from "../json.ts";
import { inErrors, type Kind, qualifiedKind, resourceOf } from "./kind.ts";

/** One field that is wrong, in the words of a real server. */
export interface Cause {
  readonly reason: string;
  readonly message: string;
  /** Empty: no field in particular. */
  readonly field: string;
}

/** Which object a Status speaks of. */
export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly Cause[];
  readonly retryAfterSeconds?: number;
}

/** Ends a request of the embedded API; unlike other errors, its message is meant for the client. */
export class StatusError extends ProxyError {
  /** As in `status.reason`; empty: the answer carries none. */
  readonly reason: string;
  readonly details: StatusDetails | undefined;
  /** For `Warning` headers of the answer. */
  warnings: readonly string[] = [];

  constructor(status: number, reason: string, message: string, details?: StatusDetails) {
    super(message, { code: "kube-status", source: "downstream", status });
    this.reason = reason;
    this.details = details;
  }

  /** The Status object. */
  toJson(): JsonObject {
    return {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: this.message,
      ...(this.reason === "" ? {} : { reason: this.reason }),
      ...(this.details === undefined ? {} : { details: detailsObject(this.details) }),
      code: this.status,
    };
  }
}

/** Details as they are sent: a cause without a field has no `field`. */
function detailsObject({ causes, ...details }: StatusDetails): JsonObject {
  if (causes === undefined) return details;
  return { ...details, causes: causes.map(({ field, ...cause }) => (field === "" ? cause : { ...cause, field })) };
}

/** 404 for an object. */
export function notFound(kind: Kind, name: string): StatusError {
  return new StatusError(404, "NotFound", `${resourceOf(kind)} "${name}" not found`, detailsOf(kind, name));
}

/** 404 for a path that nothing is served on. */
export function unknownResource(): StatusError {
  return new StatusError(404, "NotFound", "the server could not find the requested resource", {});
}

/** 405. */
export function methodNotAllowed(): StatusError {
  const message = "the server does not allow this method on the requested resource";
  return new StatusError(405, "MethodNotAllowed", message, {});
}

/** 409 for a create. */
export function alreadyExists(kind: Kind, name: string): StatusError {
  const message = `${resourceOf(kind)} "${name}" already exists`;
  return new StatusError(409, "AlreadyExists", message, detailsOf(kind, name));
}

/** 409 for a write that is based on another state. */
export function conflict(kind: Kind, name: string, why: string): StatusError {
  const message = `Operation cannot be fulfilled on ${resourceOf(kind)} "${name}": ${why}`;
  return new StatusError(409, "Conflict", message, detailsOf(kind, name));
}

/** The reason of a {@link conflict} with a newer state. */
export const modified = "the object has been modified; please apply your changes to the latest version and try again";

/** 400. */
export function badRequest(message: string): StatusError {
  return new StatusError(400, "BadRequest", message);
}

/** 403. */
export function forbidden(kind: Kind, name: string, why: string): StatusError {
  const message = `${resourceOf(kind)} "${name}" is forbidden: ${why}`;
  return new StatusError(403, "Forbidden", message, detailsOf(kind, name));
}

/** 415 for the body of a create or update. */
export function unsupportedMedia(accepted: readonly string[]): StatusError {
  const wanted = `accepted media types include: ${accepted.join(", ")}`;
  const message = `the body of the request was in an unknown format - ${wanted}`;
  return new StatusError(415, "UnsupportedMediaType", message);
}

/** 422: every field that is wrong. */
export function invalid(kind: Kind, name: string, causes: readonly Cause[]): StatusError {
  const { group } = inErrors(kind);
  return invalidNamed(qualifiedKind(inErrors(kind)), { group, kind: kind.kind }, name, causes);
}

/** 422 for something that is not a served kind (`PatchOptions.meta.k8s.io`). */
export function invalidNamed(
  title: string,
  what: { readonly group: string; readonly kind: string },
  name: string,
  causes: readonly Cause[],
): StatusError {
  const texts = causes.map((cause) => `${cause.field}: ${cause.message}`);
  const list = texts.length === 1 ? texts[0] : `[${texts.join(", ")}]`;
  return new StatusError(422, "Invalid", `${title} "${name}" is invalid: ${list}`, {
    ...(name === "" ? {} : { name }),
    ...(what.group === "" ? {} : { group: what.group }),
    ...(what.kind === "" ? {} : { kind: what.kind }),
    causes,
  });
}

/** 422 for a JSON patch that can't be applied. */
export function patchRejected(): StatusError {
  const message = "the server rejected our request due to an error in our request";
  return new StatusError(422, "Invalid", message, {});
}

/** A cause for a field that is missing. */
export function required(field: string, more = ""): Cause {
  return { reason: "FieldValueRequired", message: more === "" ? "Required value" : `Required value: ${more}`, field };
}

/** A cause for a field whose value is wrong. @param shown as a real server prints the value */
export function invalidValue(field: string, shown: string, wanted: string): Cause {
  return { reason: "FieldValueInvalid", message: `Invalid value: ${shown}: ${wanted}`, field };
}

/** The Status that DELETE answers for most kinds. */
export function deletedStatus(kind: Kind, name: string, uid: string): JsonObject {
  const details = { ...detailsOf(kind, name), uid };
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details };
}

function detailsOf(kind: Kind, name: string): StatusDetails {
  return { name, ...(kind.group === "" ? {} : { group: kind.group }), kind: kind.plural };
}
