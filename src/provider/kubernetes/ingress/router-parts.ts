// What the annotations of an Ingress say of all its routers: entry points, TLS, signals, middlewares, order.

import type { HttpRouter, Observability } from "../../../config/dynamic.ts";
import type { RouterTls } from "../../../config/dynamic-tls.ts";
import { certificatesFor, type NamedCertificate } from "./certificates.ts";
import { legacyChain } from "./legacy-chain.ts";
import { IngressLookUp } from "./legacy-look-up.ts";
import type { PathMatch } from "./rule.ts";
import type { PathEntry } from "./paths.ts";
import type { IngressTranslation } from "./translation.ts";
import type { IngressAnnotations, RouterOptions } from "./vocabulary.ts";

type Values = NonNullable<IngressAnnotations["value"]>;

/** Fields that need no looking up. */
export function plainFields({ modern, legacy }: Values): Pick<HttpRouter, "entryPoints" | "observability"> {
  const entryPoints = modern.entryPoints ?? legacy["frontend-entry-points"] ?? [];
  return {
    ...(entryPoints.length > 0 && { entryPoints }),
    ...(modern.observability !== undefined && { observability: observabilityOf(modern.observability) }),
  };
}

function observabilityOf({ accessLogs, metrics, tracing }: NonNullable<RouterOptions["observability"]>): Observability {
  return {
    ...(accessLogs !== undefined && { accessLogs }),
    ...(metrics !== undefined && { metrics }),
    ...(tracing !== undefined && { tracing }),
  };
}

/** How paths are compared. Traefik 1's rule-type speaks of paths without a type only, as all were then. */
export function pathMatchOf({ type }: Pick<PathEntry, "type">, values: Values, segmentWise: boolean): PathMatch {
  const { modern, legacy } = values;
  const ruleType = legacy["rule-type"];
  const legacyMatcher = ruleType === undefined
    ? undefined
    : ruleType === "ReplacePath"
    ? "none"
    : ruleType === "Path" || ruleType === "PathStrip"
    ? "Path"
    : "PathPrefix";
  return {
    type,
    matcher: modern.pathMatcher ?? legacyMatcher ?? "PathPrefix",
    segmentWise,
    templates: modern.ruleSyntax === "v2",
  };
}

/** @returns `none` without TLS; undefined when the options are refused, which has been reported */
export function tlsOf(
  translation: IngressTranslation,
  { value, names }: IngressAnnotations,
  place: { readonly host: string; readonly certificates: readonly NamedCertificate[] },
): RouterTls | "none" | undefined {
  const tls = value?.modern.tls;
  if (tls === undefined) return "none";
  const { options, certResolver, domains } = tls;
  const isDefault = options === undefined || options === "default";
  const name = isDefault ? options : translation.resolveQualified({
    kind: "TLSOption",
    name: options,
    path: ["metadata", "annotations", names.get("router.tls.options") ?? ""],
  });
  if (!isDefault && name === undefined) return undefined;
  const certificates = certificatesFor(place.host, place.certificates);
  return {
    ...(name !== undefined && { options: name }),
    ...(certResolver !== undefined && { certResolver }),
    ...(domains !== undefined && {
      domains: domains.map(({ main, sans }) => ({ main, ...(sans !== undefined && { sans }) })),
    }),
    ...(certificates.length > 0 && { certificates }),
  };
}

/** @returns keys in order; undefined when any is missing: nothing may be served without it */
export function middlewaresOf(
  translation: IngressTranslation,
  { value, names }: IngressAnnotations,
  { host, path }: Pick<PathEntry, "host" | "path">,
): readonly string[] | undefined {
  if (value === undefined) return undefined;
  const at = ["metadata", "annotations", names.get("router.middlewares") ?? ""];
  const wanted = (value.modern.middlewares ?? []).map((name) =>
    translation.resolveQualified({ kind: "Middleware", name, path: at })
  );
  const lookUp = new IngressLookUp(translation, names);
  const drafts = legacyChain({ options: value.legacy, host, path, lookUp });
  if (drafts === undefined) return undefined;
  const object = translation.ingress;
  const made = drafts.map((draft) => {
    const scope = PATH_KINDS.has(draft.kind) ? encode(path) : "";
    return translation.addMiddleware(draft, { object, names, scope });
  });
  const all = [...wanted, ...made];
  const usable = all.filter((each) => each !== undefined);
  return usable.length === all.length ? usable : undefined;
}

/** Kinds that Traefik 1's annotations make differently for each path of an Ingress. */
const PATH_KINDS = new Set(["stripPrefix", "replacePath", "replacePathRegex"]);

/** Any text as one part of a key. */
export function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
