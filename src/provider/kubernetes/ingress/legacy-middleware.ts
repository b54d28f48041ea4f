// What Traefik 1's annotations become: middlewares of today, as options that their own schemas will check.

import type { PemPair } from "../backend/secret.ts";
import type { LegacyIngress } from "./legacy-ingress.ts";

/** A middleware to be. */
export interface MiddlewareDraft {
  /** Unique in the object it belongs to, and the same in every translation: its state hangs on it. */
  readonly name: string;
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** The annotation it comes from, without prefix. */
  readonly annotation: string;
}

/** Middlewares in their order; undefined when something is wrong, which has been reported: nothing may be served then. */
export type Drafts = readonly MiddlewareDraft[] | undefined;

/** Where an entry point listens. */
export interface EntryPointPlace {
  readonly port: number;
  readonly isTls: boolean;
}

/** What annotations refer to. Everything that can't be had is reported. */
export interface LegacyLookUp {
  /** Users of a Secret, as basicAuth wants them. */
  basicUsers(annotation: string, secret: string): readonly string[] | undefined;
  /** The same for digestAuth. */
  digestUsers(annotation: string, secret: string): readonly string[] | undefined;
  keyPair(annotation: string, secret: string): PemPair | undefined;
  entryPoint(name: string): EntryPointPlace | undefined;
  /** The key of the service behind `host/path` of an Ingress, or of a Service. */
  errorService(annotation: string, backend: string): string | undefined;
  /** Reports that an annotation can't be used. */
  refuse(annotation: string, message: string, hint?: string): undefined;
}

/** A path of an Ingress with annotations of Traefik 1. */
export interface LegacyPath {
  readonly options: LegacyIngress;
  readonly host: string;
  readonly path: string;
  readonly lookUp: LegacyLookUp;
}

/** Requests of one source, as `rate-limit` and `max-conn-extractor-func` tell them apart; undefined: no such thing. */
export function criterionOf(extractor: string): Readonly<Record<string, unknown>> | undefined {
  if (extractor === "client.ip") return { ipStrategy: {} };
  if (extractor === "request.host") return { requestHost: true };
  const header = /^request\.header\.(.+)$/.exec(extractor)?.[1];
  return header === undefined ? undefined : { requestHeaderName: header };
}

/** What {@link criterionOf} takes, for messages. */
export const EXTRACTORS = "client.ip, request.host or request.header.<name>";
