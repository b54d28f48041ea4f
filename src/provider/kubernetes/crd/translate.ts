// The whole translation: what the store holds → one dynamic configuration, and everything that is wrong with it.

import type { ProviderState } from "../../provider.ts";
import { IncrementalTranslator, type TranslatedKind } from "../incremental-translator.ts";
import type { KubeObject } from "../store/object.ts";
import type { Judge, KubeSnapshot } from "../store/snapshot.ts";
import { type TraefikGroup, traefikGroups } from "../traefik-group.ts";
import { translateIngressRoute } from "./ingress-route.ts";
import { translateIngressRouteTcp } from "./ingress-route-tcp.ts";
import { translateIngressRouteUdp } from "./ingress-route-udp.ts";
import { translateMiddleware, translateMiddlewareTcp } from "./middleware.ts";
import { type CrdParser, judgeOf, type TraefikKind } from "./parser.ts";
import { translateServersTransport, translateServersTransportTcp } from "./servers-transport.ts";
import { translateTlsOption } from "./tls-option.ts";
import { translateTlsStore } from "./tls-store.ts";
import { translateTraefikService } from "./traefik-service.ts";
import { Translation, type TranslationOptions } from "./translation.ts";

type Translate = (translation: Translation, object: KubeObject, group: TraefikGroup) => void;

/** One file per kind; each adds its objects to the translation. Parts stand in the configuration in this order. */
const translators: readonly (readonly [kind: TraefikKind, translate: Translate])[] = [
  ["TLSStore", translateTlsStore],
  ["TLSOption", translateTlsOption],
  ["Middleware", translateMiddleware],
  ["MiddlewareTCP", translateMiddlewareTcp],
  ["ServersTransport", translateServersTransport],
  ["ServersTransportTCP", translateServersTransportTcp],
  ["TraefikService", translateTraefikService],
  ["IngressRoute", translateIngressRoute],
  ["IngressRouteTCP", translateIngressRouteTcp],
  ["IngressRouteUDP", translateIngressRouteUdp],
];

/**
 * Makes the translation of one store over its life. The same objects give the same state, whatever the order of their
 * arrival: they go by kind, group, namespace and name.
 */
export function createCrdTranslator(options: TranslationOptions, parser: CrdParser): IncrementalTranslator {
  const judges = new Map<string, Judge>();
  const kinds: TranslatedKind[] = [];
  for (const [kind, translate] of translators) {
    for (const group of traefikGroups) {
      const id = `${group}/${kind}`;
      judges.set(id, judgeOf(parser, kind));
      kinds.push({
        id,
        translate: (snapshot, object) => {
          const translation = new Translation({ snapshot, options, parser });
          translate(translation, object, group);
          return translation.fragment;
        },
      });
    }
  }
  return new IncrementalTranslator(kinds, (id) => judges.get(id) ?? always);
}

/** Translates everything once. */
export function translateCrd(snapshot: KubeSnapshot, options: TranslationOptions, parser: CrdParser): ProviderState {
  return createCrdTranslator(options, parser).translate(snapshot);
}

function always(): boolean {
  return true;
}
