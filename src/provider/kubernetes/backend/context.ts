// What the look-up of servers and Secrets reads, and where it reports; each provider's translation is one.
//
// This folder turns a reference to a Service, Secret or ConfigMap into what it stands for: Service + port + slices →
// endpoints (`endpoints.ts`), Secret → PEM (`secret.ts`). It knows nothing of who refers: IngressRoutes, Ingresses and
// Gateway routes describe their reference as a `BackendRef` and themselves as a `Referrer`.

import type { FieldPath } from "../../../schema/path.ts";
import type { Problem, Source } from "../../../schema/problem.ts";
import type { ProblemText } from "../parse.ts";
import type { ReferencePolicy } from "../reference.ts";
import type { KubeSnapshot } from "../store/snapshot.ts";
import type { BackendParser } from "./parser.ts";

/** The options that concern Services. */
export interface BackendOptions extends ReferencePolicy {
  readonly allowExternalNameServices: boolean;
  readonly nativeLBByDefault: boolean;
  /** Nothing outside namespaces is read: no Nodes, and so no `nodePortLB`. */
  readonly disableClusterScopeResources: boolean;
  /**
   * Of a simulated cluster: the addresses of its Services and Nodes lead nowhere, so endpoints stand in for them.
   * Default: false.
   */
  readonly endpointsOnly?: boolean;
}

/** One translation, as far as this folder sees it. */
export interface BackendContext {
  readonly snapshot: KubeSnapshot;
  readonly options: BackendOptions;
  readonly parser: BackendParser;
  /** Everything that is wrong. */
  readonly problems: Problem[];
}

/** Notes something that is wrong with an object; an error unless the text says otherwise. */
export function report(context: Pick<BackendContext, "problems">, place: Place, text: ProblemText): void {
  context.problems.push({ severity: "error", ...text, source: place.source, path: [...place.path] });
}

/** A field of an object. */
export interface Place {
  readonly source: Source;
  readonly path: FieldPath;
}
