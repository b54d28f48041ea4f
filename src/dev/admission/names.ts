// Rules for names and labels, with the texts of a real server.

import { isObject, type JsonObject } from "../json.ts";
import type { Kind } from "../kube/kind.ts";
import { type Cause, invalidValue, required } from "../kube/status.ts";

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_1123 = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const PATH_NAME = /^(?!\.{1,2}$)[^/%]+$/;

const SUBDOMAIN_TEXT =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', " +
  "and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_1035_TEXT = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an " +
  "alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for " +
  "validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const LABEL_1123_TEXT =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must " +
  "start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is " +
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const LABEL_VALUE_TEXT =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', " +
  "and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for " +
  "validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

const SUBDOMAIN_LENGTH = 253;
const LABEL_LENGTH = 63;

interface NameRule {
  readonly pattern: RegExp;
  readonly text: string;
  readonly length: number;
}

const subdomain: NameRule = { pattern: SUBDOMAIN, text: SUBDOMAIN_TEXT, length: SUBDOMAIN_LENGTH };

const ruleByKind: Readonly<Record<string, NameRule>> = {
  Namespace: { pattern: LABEL_1123, text: LABEL_1123_TEXT, length: LABEL_LENGTH },
  Service: { pattern: LABEL_1035, text: LABEL_1035_TEXT, length: LABEL_LENGTH },
  ClusterRole: pathRule(),
  ClusterRoleBinding: pathRule(),
  Role: pathRule(),
  RoleBinding: pathRule(),
};

function pathRule(): NameRule {
  return { pattern: PATH_NAME, text: `may not contain '/' or '%'`, length: Infinity };
}

/** What is wrong with an object's name. */
export function nameCauses(kind: Kind, name: string): Cause[] {
  const field = "metadata.name";
  if (name === "") return [required(field, "name or generateName is required")];
  const rule = (kind.custom ? undefined : ruleByKind[kind.kind]) ?? subdomain;
  const causes: Cause[] = [];
  if (name.length > rule.length) {
    causes.push(invalidValue(field, JSON.stringify(name), `must be no more than ${rule.length} characters`));
  }
  if (!rule.pattern.test(name)) causes.push(invalidValue(field, JSON.stringify(name), rule.text));
  return causes;
}

/** What is wrong with the labels of an object. */
export function labelCauses(metadata: JsonObject): Cause[] {
  const labels = metadata["labels"];
  if (!isObject(labels)) return [];
  return Object.values(labels).flatMap((value) => {
    if (typeof value !== "string" || (LABEL_VALUE.test(value) && value.length <= LABEL_LENGTH)) return [];
    return [invalidValue("metadata.labels", JSON.stringify(value), LABEL_VALUE_TEXT)];
  });
}
