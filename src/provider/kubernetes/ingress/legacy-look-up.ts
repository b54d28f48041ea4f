// What Traefik 1's annotations of an Ingress refer to: Secrets, entry points, the backends of error pages.

import { basicUsersOf, usersOf } from "../backend/credentials.ts";
import { findValues } from "../backend/find-object.ts";
import { keyPairOf, type PemPair, type Read, type Values } from "../backend/secret.ts";
import type { FieldPath } from "../../../schema/path.ts";
import { addBackendService, type PlacedBackend } from "./backend-service.ts";
import { INGRESS } from "./kinds.ts";
import type { EntryPointPlace, LegacyLookUp } from "./legacy-middleware.ts";
import { pathsOf } from "./paths.ts";
import type { IngressTranslation } from "./translation.ts";

/** Looks up for one Ingress. */
export class IngressLookUp implements LegacyLookUp {
  readonly #translation: IngressTranslation;
  readonly #names: ReadonlyMap<string, string>;

  /** @param names full names of the annotations */
  constructor(translation: IngressTranslation, names: ReadonlyMap<string, string>) {
    this.#translation = translation;
    this.#names = names;
  }

  basicUsers(annotation: string, secret: string): readonly string[] | undefined {
    return this.#values(annotation, secret, basicUsersOf);
  }

  digestUsers(annotation: string, secret: string): readonly string[] | undefined {
    return this.#values(annotation, secret, usersOf);
  }

  keyPair(annotation: string, secret: string): PemPair | undefined {
    return this.#values(annotation, secret, keyPairOf);
  }

  entryPoint(name: string): EntryPointPlace | undefined {
    return this.#translation.options.entryPoints.get(name);
  }

  /** In Traefik 1 a backend was called by the host and path of its rule. A Service of the namespace does, too. */
  errorService(annotation: string, backend: string): string | undefined {
    const placed = this.#backendOfRule(annotation, backend) ?? this.#backendOfService(annotation, backend);
    if (placed !== undefined) return addBackendService(this.#translation, placed)?.key;
    const message = `there is no rule for ${JSON.stringify(backend)} and no Service of that name`;
    return this.refuse(annotation, message, "name a host and path of an Ingress of this namespace, or a Service");
  }

  refuse(annotation: string, message: string, hint?: string): undefined {
    const text = { code: "invalid-value", message, ...(hint !== undefined && { hint }) };
    this.#translation.report(this.#pathOf(annotation), text);
  }

  #pathOf(annotation: string): FieldPath {
    return ["metadata", "annotations", this.#names.get(annotation) ?? annotation];
  }

  #values<T>(annotation: string, name: string, read: (values: Values) => Read<T>): T | undefined {
    const reference = {
      kind: "Secret",
      name,
      namespace: undefined,
      path: this.#pathOf(annotation),
      crossProvider: false,
    };
    return findValues(this.#translation, { reference, read }, this.#translation.referrer);
  }

  #backendOfRule(annotation: string, name: string): PlacedBackend | undefined {
    const { snapshot, parser, referrer } = this.#translation;
    for (const ingress of snapshot.list(INGRESS)) {
      if (ingress.metadata.namespace !== referrer.namespace) continue;
      const { value } = parser.ingress(ingress);
      if (value === undefined) continue;
      const entry = pathsOf(value, false).find(({ host, path }) => host + path === name);
      const [place] = entry?.backends ?? [];
      if (place === undefined) continue;
      return { backend: place.backend, apiVersion: ingress.apiVersion, path: this.#pathOf(annotation), wishes: {} };
    }
    return undefined;
  }

  /** `name` or `name:port`; without a port the Service's first one. */
  #backendOfService(annotation: string, text: string): PlacedBackend | undefined {
    const { snapshot, parser, referrer, ingress } = this.#translation;
    const [name = "", port] = text.split(":");
    const object = snapshot.get("/Service", referrer.namespace, name);
    if (object === undefined) return undefined;
    const number = port ?? parser.service(object).value?.ports?.[0]?.port ?? 0;
    const wanted = /^[0-9]+$/.test(String(number)) ? { number: Number(number) } : { name: String(number) };
    const backend = { service: { name, port: wanted } };
    return { backend, apiVersion: ingress.apiVersion, path: this.#pathOf(annotation), wishes: {} };
  }
}
