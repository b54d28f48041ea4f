// Options of middlewares as objects write them → as middlewares take them: names become keys, Secrets what they hold.

import type * as z from "zod";
import type { FieldPath } from "../../../schema/path.ts";
import { basicUsersOf, usersOf } from "../backend/credentials.ts";
import { authoritiesOf, keyPairOf, type Read, valueOf, type Values } from "../backend/secret.ts";
import { isRecord } from "../store/object.ts";
import { childService } from "./child-service.ts";
import { deadService } from "./dead-service.ts";
import { resolveMiddlewares } from "./middleware-refs.ts";
import type { OneMiddleware } from "./one-middleware.ts";
import type { CrdReferrer } from "./placed-ref.ts";
import { withPluginSecrets } from "./plugin-secrets.ts";
import { ownFields, type secretTls } from "./schema-middleware-options.ts";
import { readValues } from "./secrets.ts";
import type { Translation } from "./translation.ts";

/** Where a Middleware's options stand. */
interface Place {
  readonly translation: Translation;
  readonly referrer: CrdReferrer;
  readonly path: FieldPath;
}

type Options = Readonly<Record<string, unknown>>;

/** Options that take the place of those that were written; undefined when something is missing, which was reported. */
type Complete = (place: Place, middleware: OneMiddleware) => Options | undefined;

const completions: ReadonlyMap<string, Complete> = new Map<string, Complete>([
  [
    "chain",
    complete(ownFields.chain, ({ translation, referrer, path }, { middlewares }) => {
      const refs = { kind: "Middleware", refs: middlewares, path: [...path, "middlewares"] } as const;
      const resolved = resolveMiddlewares(translation, refs, referrer);
      return resolved && { middlewares: resolved };
    }),
  ],
  [
    "errors",
    complete(ownFields.errors, ({ translation, referrer, path }, { service: ref }) => {
      const key = childService(translation, { ref, path: [...path, "service"], referrer });
      return { service: key ?? deadService(translation, referrer, "errors") };
    }),
  ],
  ["basicAuth", complete(ownFields.basicAuth, (place, { secret }) => usersIn(place, secret, basicUsersOf))],
  ["digestAuth", complete(ownFields.digestAuth, (place, { secret }) => usersIn(place, secret, usersOf))],
  [
    "forwardAuth",
    complete(ownFields.forwardAuth, (place, { tls }) => {
      const resolved = tls === undefined ? {} : tlsOf({ ...place, path: [...place.path, "tls"] }, tls);
      return resolved && (tls === undefined ? {} : { tls: resolved });
    }),
  ],
  ["rateLimit", completeRateLimit],
  [
    "plugin",
    ({ translation, referrer, path }, { written }) => withPluginSecrets(translation, { written, path }, referrer),
  ],
]);

/** @returns undefined when something the options refer to can't be had, which has been reported */
export function completeOptions(
  translation: Translation,
  middleware: OneMiddleware,
  referrer: CrdReferrer,
): unknown {
  const { kind, options } = middleware;
  const completion = completions.get(kind);
  if (completion === undefined) return options;
  const completed = completion({ translation, referrer, path: ["spec", kind] }, middleware);
  return completed && { ...withoutSecret(options), ...completed };
}

/** What a Secret held stands in the place of its name. */
function withoutSecret(options: unknown): Options {
  const { secret: _, ...rest }: Options = isRecord(options) ? options : {};
  return rest;
}

/** Reads a kind's own fields out of what was written; they were found right when the object was parsed. */
function complete<Fields extends z.ZodObject>(
  fields: Fields,
  work: (place: Place, own: z.output<Fields>) => Options | undefined,
): Complete {
  return (place, { written }) => {
    const own = fields.safeParse(written);
    return own.success ? work(place, own.data) : undefined;
  };
}

function usersIn(
  { translation, referrer, path }: Place,
  name: string,
  read: (values: Values) => Read<readonly string[]>,
): Options | undefined {
  const users = readValues(translation, { name, path: [...path, "secret"], read }, referrer);
  return users && { users };
}

/** Files say `ca`, `cert` and `key`, and take PEM text as well. */
function tlsOf({ translation, referrer, path }: Place, tls: z.output<typeof secretTls>): Options | undefined {
  const { caSecret, certSecret, ...rest } = tls;
  const ca = caSecret === undefined
    ? ""
    : readValues(translation, { name: caSecret, path: [...path, "caSecret"], read: authoritiesOf }, referrer);
  const pair = certSecret === undefined
    ? NO_PAIR
    : readValues(translation, { name: certSecret, path: [...path, "certSecret"], read: keyPairOf }, referrer);
  if (ca === undefined || pair === undefined) return undefined;
  return {
    ...rest,
    ...(ca !== "" && { ca }),
    ...(pair.certificate !== "" && { cert: pair.certificate, key: pair.privateKey }),
  };
}

const NO_PAIR = { certificate: "", privateKey: "" };

function completeRateLimit(place: Place, { written, options }: OneMiddleware): Options | undefined {
  if (!isRecord(written) || written["redis"] === undefined) return {};
  const own = ownFields.redis.safeParse(written["redis"]);
  const completed = own.success ? redisOf({ ...place, path: [...place.path, "redis"] }, own.data) : undefined;
  return completed && { redis: { ...withoutSecret(isRecord(options) ? options["redis"] : {}), ...completed } };
}

function redisOf(place: Place, { secret, tls }: z.output<typeof ownFields.redis>): Options | undefined {
  const { translation, referrer, path } = place;
  const credentials = secret === undefined
    ? {}
    : readValues(translation, { name: secret, path: [...path, "secret"], read: credentialsOf }, referrer);
  const resolved = tls === undefined ? {} : tlsOf({ ...place, path: [...path, "tls"] }, tls);
  if (credentials === undefined || resolved === undefined) return undefined;
  return { ...credentials, ...(tls !== undefined && { tls: resolved }) };
}

/** Redis may have no user names; a Secret without either is a mistake. */
function credentialsOf(values: Values): Read<Options> {
  const [username, password] = [valueOf(values, "username"), valueOf(values, "password")];
  if (!("value" in password)) return password;
  return { value: { ...("value" in username && { username: username.value }), password: password.value } };
}
