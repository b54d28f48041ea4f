// What ConfigMaps and Secrets may not be.

import { type JsonObject, objectAt, sameJson, textAt } from "../json.ts";
import { type Cause, invalidValue, required } from "../kube/status.ts";
import { forbiddenField } from "../structural/cause.ts";
import { goQuote } from "../structural/go-value.ts";
import { immutableCause, textCauses } from "./causes.ts";
import { configKeyMistakes } from "./formats.ts";

const LIMIT = 1024 * 1024; // bytes of all values together

/** Everything that is wrong with a ConfigMap. */
export function configMapCauses(config: JsonObject, previous: JsonObject | undefined): Cause[] {
  const [data, binary] = [objectAt(config, "data"), objectAt(config, "binaryData")];
  const causes = [
    ...Object.keys(data).flatMap((key) => {
      const twice = Object.hasOwn(binary, key);
      const message = "duplicate of key present in binaryData";
      return [
        ...textCauses(`data[${key}]`, key, configKeyMistakes),
        ...(twice ? [invalidValue(`data[${key}]`, goQuote(key), message)] : []),
      ];
    }),
    ...Object.keys(binary).flatMap((key) => textCauses(`binaryData[${key}]`, key, configKeyMistakes)),
  ];
  if (sizeOf(data, byteLength) + sizeOf(binary, decodedLength) > LIMIT) causes.push(tooBig(""));
  return [...causes, ...frozenCauses(config, previous, ["data", "binaryData"])];
}

/** Everything that is wrong with a Secret. */
export function secretCauses(secret: JsonObject, previous: JsonObject | undefined): Cause[] {
  const data = objectAt(secret, "data");
  const causes = Object.keys(data).flatMap((key) => textCauses(`data[${key}]`, key, configKeyMistakes));
  if (sizeOf(data, decodedLength) > LIMIT) causes.push(tooBig("data"));
  causes.push(...typeCauses(secret, data));
  const type = textAt(secret, "type") ?? "";
  if (previous !== undefined && textAt(previous, "type") !== type) causes.push(immutableCause("type", goQuote(type)));
  return [...causes, ...frozenCauses(secret, previous, ["data"])];
}

function typeCauses(secret: JsonObject, data: JsonObject): Cause[] {
  const absent = (...keys: readonly string[]) =>
    keys.filter((key) => data[key] === undefined).map((key) => required(`data[${key}]`));
  switch (textAt(secret, "type")) {
    case "kubernetes.io/tls":
      return absent("tls.crt", "tls.key");
    case "kubernetes.io/basic-auth":
      return data["username"] === undefined && data["password"] === undefined ? absent("username", "password") : [];
    case "kubernetes.io/ssh-auth":
      return absent("ssh-privatekey").concat(data["ssh-privatekey"] === "" ? [required("data[ssh-privatekey]")] : []);
    case "kubernetes.io/dockercfg":
      return jsonCauses(data, ".dockercfg");
    case "kubernetes.io/dockerconfigjson":
      return jsonCauses(data, ".dockerconfigjson");
    case "kubernetes.io/service-account-token": {
      const annotation = "kubernetes.io/service-account.name";
      const name = textAt(secret, "metadata", "annotations", annotation) ?? "";
      return name === "" ? [required(`metadata.annotations[${annotation}]`)] : [];
    }
    default:
      return [];
  }
}

function jsonCauses(data: JsonObject, key: string): Cause[] {
  const encoded = data[key];
  if (encoded === undefined) return [required(`data[${key}]`)];
  const why = jsonMistake(fromBase64(String(encoded)));
  if (why === undefined) return [];
  return [invalidValue(`data[${key}]`, `"<secret contents redacted>"`, why)];
}

/** Why Go would not read a text as a JSON object; the first wrong character, as it names it. */
function jsonMistake(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && !Array.isArray(value)) return undefined;
    return `json: cannot unmarshal ${Array.isArray(value) ? "array" : typeof value} into Go value of type ` +
      "map[string]interface {}";
  } catch {
    return literalMistake(text.trimStart());
  }
}

const literals: readonly string[] = ["null", "true", "false"];

function literalMistake(text: string): string {
  if (text === "") return "unexpected end of JSON input";
  const literal = literals.find((each) => each[0] === text[0]);
  if (literal !== undefined) {
    const at = [...literal].findIndex((char, index) => text[index] !== char);
    if (at >= text.length) return "unexpected end of JSON input";
    if (at > 0) return `invalid character '${text[at]}' in literal ${literal} (expecting '${literal[at]}')`;
  }
  if (!/^[{["\d-]/.test(text)) return `invalid character '${text[0]}' looking for beginning of value`;
  return "unexpected end of JSON input";
}

function fromBase64(text: string): string {
  return new TextDecoder().decode(Uint8Array.from(atob(text), (char) => char.charCodeAt(0)));
}

function frozenCauses(object: JsonObject, previous: JsonObject | undefined, parts: readonly string[]): Cause[] {
  if (previous?.["immutable"] !== true) return [];
  const why = "field is immutable when `immutable` is set";
  const fields = object["immutable"] === true ? parts : ["immutable", ...parts];
  return fields.filter((part) => !sameJson(object[part], previous[part])).map((part) => forbiddenField(part, why));
}

function sizeOf(values: JsonObject, length: (text: string) => number): number {
  let size = 0;
  for (const value of Object.values(values)) size += length(String(value));
  return size;
}

/** Bytes of a text; counted exactly only when that can matter. */
function byteLength(text: string): number {
  return text.length * 3 < LIMIT / 64 ? text.length : new TextEncoder().encode(text).length;
}

function decodedLength(text: string): number {
  return Math.floor(text.length * 3 / 4);
}

function tooBig(field: string): Cause {
  return { reason: "FieldValueTooLong", message: `Too long: must have at most ${LIMIT} bytes`, field: field || "[]" };
}
