// The memory of the translation: what is done again after a change, what is shared, and what is asked for.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  IncrementalTranslator,
  type TranslatedKind,
} from "../../../../src/provider/kubernetes/incremental-translator.ts";
import { isRecord } from "../../../../src/provider/kubernetes/store/object.ts";
import { sameValue } from "../../../../src/provider/kubernetes/store/same-value.ts";
import { route, slice, web } from "./harness.ts";
import { put, storeOf } from "./objects.ts";
import { defaultOptions, followed, fullParser } from "./translators.ts";
import { translateCrd } from "../../../../src/provider/kubernetes/crd/translate.ts";

const object = (kind: string, name: string, spec: unknown, apiVersion = "traefik.io/v1alpha1") => ({
  apiVersion,
  kind,
  metadata: { name },
  spec,
});
const strip = (prefix: string) => object("Middleware", "strip", { stripPrefix: { prefixes: [prefix] } });
const guarded = (host: string) => {
  const spec = { match: `Host(\`${host}\`)`, middlewares: [{ name: "strip" }], services: [{ name: "web", port: 80 }] };
  return object("IngressRoute", host, { routes: [spec] });
};

test("translate() gives the same value while nothing changes, and shares what stays the same", () => {
  const { store, translate } = followed([web, slice("10.0.0.1"), guarded("a"), guarded("b"), strip("/1")]);
  const first = translate();
  assert.equal(translate(), first);
  put(store, { ...web, metadata: { name: "web", annotations: { touched: "yes" } } }, 100);
  assert.equal(translate(), first, "a change that means nothing");
  put(store, strip("/2"), 101);
  const second = translate();
  assert.notEqual(second, first);
  assert.equal(second.configuration.http.routers, first.configuration.http.routers);
  assert.equal(second.configuration.http.services, first.configuration.http.services);
  assert.notEqual(second.configuration.http.middlewares, first.configuration.http.middlewares);
  assert.equal(second.problems, first.problems);
  put(store, guarded("c"), 102);
  const third = translate();
  const [a] = Object.keys(first.configuration.http.routers);
  assert.ok(a !== undefined);
  assert.equal(third.configuration.http.routers[a], first.configuration.http.routers[a]);
  assert.equal(third.configuration.http.middlewares, second.configuration.http.middlewares);
  assert.deepEqual(Object.values(third.configuration.http.routers).map(({ rule }) => rule), [
    "Host(`a`)",
    "Host(`b`)",
    "Host(`c`)",
  ]);
});

test("translate() follows references that come, break and go", () => {
  const { store, translate } = followed([slice("10.0.0.1"), guarded("a")]);
  const codes = () => translate().problems.map(({ code }) => code);
  assert.deepEqual(codes(), ["missing-middleware"]);
  put(store, strip("/1"), 100);
  assert.deepEqual(codes(), ["missing-service"]);
  const removeService = put(store, web, 101);
  assert.deepEqual(codes(), []);
  put(store, object("Middleware", "strip", { stripPrefix: { prefixes: 5 } }), 102);
  assert.deepEqual(codes(), ["invalid-value", "unusable-reference"]);
  put(store, strip("/1"), 103);
  assert.deepEqual(codes(), []);
  removeService();
  assert.deepEqual(codes(), ["missing-service"]);
  put(store, { ...web, metadata: { name: "web", namespace: "other" } }, 104);
  assert.match(translate().problems[0]?.hint ?? "", /in the namespace "other"/);
  assert.ok(sameValue(translate(), translateCrd(store, defaultOptions, fullParser())));
});

test("translate() does again only what read something that changed", () => {
  const seen: string[] = [];
  const kind: TranslatedKind = {
    id: "traefik.io/IngressRoute",
    translate: (snapshot, { metadata }) => {
      seen.push(metadata.name);
      snapshot.get("/Service", "default", metadata.name === "a" ? "one" : "two");
      if (metadata.name === "c") snapshot.list("/Node");
      return undefined;
    },
  };
  const translator = new IncrementalTranslator([kind], () => () => true);
  const store = storeOf([route("a"), route("b"), route("c")]);
  store.listen((change) => translator.changed(change));
  const done = () => {
    seen.length = 0;
    translator.translate(store);
    return [...seen].sort();
  };
  assert.deepEqual(done(), ["a", "b", "c"]);
  assert.deepEqual(done(), []);
  put(store, { ...web, metadata: { name: "one" } }, 100);
  assert.deepEqual(done(), ["a"]);
  put(store, { ...web, metadata: { name: "two" } }, 101);
  assert.deepEqual(done(), ["b", "c"]);
  put(store, { ...web, metadata: { name: "three" } }, 102);
  assert.deepEqual(done(), []);
  put(store, { apiVersion: "v1", kind: "Node", metadata: { name: "n" } }, 103);
  assert.deepEqual(done(), ["c"]);
  assert.equal(translator.asksFor("/Node"), true);
  assert.equal(translator.asksFor("/Secret"), false);
  assert.deepEqual(translator.wanted("/Service"), [{ namespace: "default", name: "one" }, {
    namespace: "default",
    name: "two",
  }]);
  assert.equal(translator.wanted("/Service"), translator.wanted("/Service"));
});

test("translate() costs the one object when its translation fails", () => {
  const kind: TranslatedKind = {
    id: "traefik.io/IngressRoute",
    translate: (_, { metadata, raw }) => {
      if (metadata.name === "bad") throw new RangeError("too deep");
      const fine = { rule: isRecord(raw["spec"]) ? "x" : "y", service: "s" };
      return { sections: { routers: { [metadata.name]: fine } }, problems: [] };
    },
  };
  const translator = new IncrementalTranslator([kind], () => () => true);
  const { configuration, problems } = translator.translate(storeOf([route("a"), route("bad"), route("c")]));
  assert.deepEqual(Object.keys(configuration.http.routers), ["a", "c"]);
  assert.deepEqual(problems.map(({ code, message }) => [code, message]), [[
    "internal-error",
    'the IngressRoute "default/bad" could not be translated: too deep',
  ]]);
});

test("wanted() names Secrets that are referred to, there or not", () => {
  const secure = object("IngressRoute", "secure", {
    routes: [{ match: "Host(`a`)", services: [{ name: "web", port: 80 }] }],
    tls: { secretName: "pair" },
  });
  const { store, translate, translator } = followed([web, secure]);
  translate();
  assert.deepEqual(translator.wanted("/Secret"), [{ namespace: "default", name: "pair" }]);
  put(store, { ...secure, spec: { routes: [] } }, 100);
  translate();
  assert.deepEqual(translator.wanted("/Secret"), []);
  assert.equal(translator.asksFor("/Secret"), false);
});
