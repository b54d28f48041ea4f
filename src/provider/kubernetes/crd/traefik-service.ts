// TraefikService objects → weighted, mirroring, failover and hashed services.

import { toService } from "../../../config/decode-part.ts";
import type { Failover, HighestRandomWeight, HttpService, Mirroring } from "../../../config/dynamic.ts";
import type { WeightedChild } from "../../../config/dynamic-part.ts";
import type { FieldPath } from "../../../schema/path.ts";
import { parseStatusRange } from "../../../schema/status-range.ts";
import type { KubeObject } from "../store/object.ts";
import { childService } from "./child-service.ts";
import { deadService } from "./dead-service.ts";
import { displayName } from "../names.ts";
import { sourceOf } from "../parse.ts";
import type { CrdReferrer } from "./placed-ref.ts";
import type { TraefikGroup } from "../traefik-group.ts";
import type { FailoverSpec, MirroringSpec, TraefikServiceSpec, WeightedSpec } from "./schema-traefik-service.ts";
import type { ServiceRef } from "./schema-service-ref.ts";
import { objectKey, type Translation } from "./translation.ts";

/** Adds one object to the configuration, or what is wrong with it to the problems. */
export function translateTraefikService(translation: Translation, object: KubeObject, group: TraefikGroup): void {
  const { value, problems } = translation.parser.traefik.TraefikService(object);
  translation.problems.push(...problems);
  if (value === undefined) return;
  const { namespace, name } = object.metadata;
  const source = sourceOf(object);
  const key = objectKey("TraefikService", group, namespace, name);
  const service = serviceOf(translation, value, { key, group, namespace, source });
  if (service !== undefined) {
    translation.sections.services[key] = { ...service, displayName: displayName(namespace, name), source };
  }
}

function serviceOf(translation: Translation, spec: TraefikServiceSpec, referrer: CrdReferrer): HttpService | undefined {
  if (spec.weighted !== undefined) return weightedOf(translation, spec.weighted, referrer);
  if (spec.mirroring !== undefined) return mirroringOf(translation, spec.mirroring, referrer);
  if (spec.failover !== undefined) return failoverOf(translation, spec.failover, referrer);
  if (spec.highestRandomWeight === undefined) return undefined;
  const path = ["spec", "highestRandomWeight", "services"];
  const services = childrenOf(translation, spec.highestRandomWeight.services ?? [], path, referrer);
  return { kind: "highestRandomWeight", services } satisfies HighestRandomWeight;
}

function weightedOf(translation: Translation, spec: WeightedSpec, referrer: CrdReferrer): HttpService | undefined {
  const path = ["spec", "weighted", "services"];
  const services = childrenOf(translation, spec.services ?? [], path, referrer);
  return toService({ weighted: { services, sticky: spec.sticky } });
}

/** Children that can't be resolved are left out: the others take their share. One that comes twice gets both weights. */
export function childrenOf(
  translation: Translation,
  refs: readonly ServiceRef[],
  path: FieldPath,
  referrer: CrdReferrer,
): WeightedChild[] {
  const weights = new Map<string, number>();
  for (const [index, ref] of refs.entries()) {
    const name = childService(translation, { ref, path: [...path, index], referrer });
    if (name !== undefined) weights.set(name, (weights.get(name) ?? 0) + (ref.weight ?? 1));
  }
  return [...weights].map(([name, weight]) => ({ name, weight }));
}

function mirroringOf(translation: Translation, spec: MirroringSpec, referrer: CrdReferrer): Mirroring {
  const path = ["spec", "mirroring"];
  const { mirrorBody, maxBodySize, mirrors = [], ...ref } = spec;
  const service = childService(translation, { ref, path, referrer }) ?? deadService(translation, referrer, "main");
  const translated: { name: string; percent: number }[] = [];
  for (const [index, { percent = 0, ...mirror }] of mirrors.entries()) {
    const mirrorPath = [...path, "mirrors", index];
    if (percent < 0 || percent > 100) {
      translation.report(referrer.source, [...mirrorPath, "percent"], {
        code: "invalid-value",
        message: `"percent" must be from 0 to 100, got ${percent}`,
        hint: "this mirror is left out",
      });
      continue;
    }
    const name = childService(translation, { ref: mirror, path: mirrorPath, referrer });
    if (name !== undefined) translated.push({ name, percent });
  }
  return {
    kind: "mirroring",
    service,
    mirrors: translated,
    mirrorBody: mirrorBody ?? true,
    maxBodySize: maxBodySize ?? -1,
  };
}

function failoverOf(translation: Translation, spec: FailoverSpec, referrer: CrdReferrer): Failover {
  const path = ["spec", "failover"];
  const child = (ref: ServiceRef, role: "service" | "fallback") =>
    childService(translation, { ref, path: [...path, role], referrer }) ?? deadService(translation, referrer, role);
  const { errors } = spec;
  return {
    kind: "failover",
    service: child(spec.service, "service"),
    fallback: child(spec.fallback, "fallback"),
    ...(errors !== undefined && {
      errors: { status: rangesOf(errors.status), maxRequestBodyBytes: errors.maxRequestBodyBytes ?? -1 },
    }),
  };
}

/** The schema lets `500,502-504` through in one text. */
function rangesOf(texts: readonly string[]): (readonly [number, number])[] {
  return texts.flatMap((text) => text.split(",")).map(parseStatusRange).filter((range) => range !== undefined);
}
