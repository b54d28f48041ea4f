// `serviceaccounts/NAME/token`: a token for an account, good for a while.

import { ISSUER } from "../auth/service-account-tokens.ts";
import { type JsonObject, listAt, numberAt, objectAt } from "../json.ts";
import { createKind } from "../kube/kind.ts";
import { timestamp } from "../kube/object.ts";
import { type Cause, invalid, methodNotAllowed } from "../kube/status.ts";
import { readObject } from "./body.ts";
import type { ApiContext } from "./context.ts";
import { existing } from "./read.ts";
import type { ResourceRequest } from "./resource-request.ts";
import { jsonAnswer } from "./respond.ts";
import { ownedSpec } from "./review.ts";

const API_VERSION = "authentication.k8s.io/v1";
const DEFAULT_S = 3600;
const SHORTEST_S = 600;
const LONGEST_S = 2 ** 32;

const kind = createKind(API_VERSION, "TokenRequest");

/** POST of a TokenRequest. @throws {StatusError} */
export async function requestToken({ store, access }: ApiContext, target: ResourceRequest): Promise<Response> {
  const { request, namespace, name = "" } = target;
  if (request.method !== "POST") throw methodNotAllowed();
  const wanted = objectAt((await readObject(request, kind)).object, "spec");
  const account = existing(store, target);
  const seconds = numberAt(wanted, "expirationSeconds") ?? DEFAULT_S;
  checkSeconds(seconds);
  const given = listAt(wanted, "audiences").filter((each) => typeof each === "string");
  const audiences = given.length === 0 ? [ISSUER] : given;
  const now = Date.now();
  const subject = { namespace, name, uid: account.metadata.uid };
  const token = await access.accounts.issue(subject, { audiences, seconds }, now);
  const spec = { audiences, expirationSeconds: seconds, boundObjectRef: wanted["boundObjectRef"] ?? null };
  const fields: JsonObject = { ...(given.length === 0 ? {} : { audiences }), expirationSeconds: seconds };
  const metadata = {
    name,
    namespace,
    creationTimestamp: timestamp(new Date(now)),
    managedFields: [{ ...ownedSpec(request, API_VERSION, fields), subresource: "token" }],
  };
  const status = { token, expirationTimestamp: timestamp(new Date(now + seconds * 1000)) };
  return jsonAnswer(request, { kind: kind.kind, apiVersion: API_VERSION, metadata, spec, status }, { status: 201 });
}

/** @throws {StatusError} 422 */
function checkSeconds(seconds: number): void {
  const wrong = (why: string): Cause => ({
    reason: "FieldValueInvalid",
    message: `Invalid value: ${seconds}: ${why}`,
    field: "spec.expirationSeconds",
  });
  if (seconds < SHORTEST_S) throw invalid(kind, "", [wrong("may not specify a duration less than 10 minutes")]);
  if (seconds > LONGEST_S) throw invalid(kind, "", [wrong("may not specify a duration larger than 2^32 seconds")]);
}
