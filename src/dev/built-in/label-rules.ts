// Labels and selectors inside objects.

import { isObject, listAt, textAt, textsAt } from "../json.ts";
import { type Cause, required } from "../kube/status.ts";
import { forbiddenField } from "../structural/cause.ts";
import { textCauses } from "./causes.ts";
import { labelValueMistakes, qualifiedNameMistakes } from "./formats.ts";

/** A map of labels, or a selector by equality. */
export function labelsCauses(field: string, labels: Readonly<Record<string, string>>): Cause[] {
  return Object.entries(labels).flatMap(([key, value]) => [
    ...textCauses(field, key, qualifiedNameMistakes),
    ...textCauses(field, value, labelValueMistakes),
  ]);
}

/** A `{matchLabels, matchExpressions}` selector. */
export function selectorCauses(field: string, selector: unknown): Cause[] {
  if (!isObject(selector)) return [];
  const expressions = listAt(selector, "matchExpressions").flatMap((expression, at) =>
    expressionCauses(`${field}.matchExpressions[${at}]`, expression)
  );
  return [...labelsCauses(`${field}.matchLabels`, textsAt(selector, "matchLabels")), ...expressions];
}

function expressionCauses(field: string, expression: unknown): Cause[] {
  const operator = textAt(expression, "operator") ?? "";
  const values = listAt(expression, "values");
  const causes: Cause[] = [];
  if (operator === "In" || operator === "NotIn") {
    if (values.length === 0) {
      causes.push(required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
    }
  } else if (operator === "Exists" || operator === "DoesNotExist") {
    if (values.length > 0) {
      causes.push(
        forbiddenField(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
      );
    }
  } else causes.push(badOperator(field, operator));
  return [...causes, ...textCauses(`${field}.key`, textAt(expression, "key") ?? "", qualifiedNameMistakes)];
}

function badOperator(field: string, operator: string): Cause {
  const message = `Invalid value: ${JSON.stringify(operator)}: not a valid selector operator`;
  return { reason: "FieldValueInvalid", message, field: `${field}.operator` };
}
