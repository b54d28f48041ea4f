// Whose Ingress it is: by class object, by annotation, by neither.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { IngressOptions } from "../../../../../src/provider/kubernetes/ingress/translation.ts";
import { createIngresses } from "./support.ts";

interface Class {
  readonly name: string;
  readonly controller?: string;
  readonly isDefault?: boolean;
}

interface Case {
  readonly options?: Partial<IngressOptions>;
  readonly classes?: readonly Class[];
  readonly annotation?: string;
  readonly field?: string;
}

const ours = { name: "ours" };
const nginx = { name: "nginx", controller: "k8s.io/ingress-nginx" };

const cases: readonly (readonly [why: string, expected: "served" | "left" | "told", setup: Case])[] = [
  ["neither class nor annotation", "served", {}],
  ["the annotation traefik", "served", { annotation: "traefik" }],
  ["another annotation", "left", { annotation: "nginx" }],
  ["a class of ours", "served", { classes: [ours], field: "ours" }],
  ["a class of another controller", "left", { classes: [ours, nginx], field: "nginx" }],
  ["a class that does not exist", "told", { classes: [ours], field: "nowhere" }],
  ["the class over the annotation", "left", { classes: [nginx], field: "nginx", annotation: "traefik" }],
  ["the wanted annotation", "served", { options: { ingressClass: "in" }, annotation: "in" }],
  ["the annotation traefik, when another is wanted", "left", {
    options: { ingressClass: "in" },
    annotation: "traefik",
  }],
  ["no class, when one is wanted", "left", { options: { ingressClass: "in" }, classes: [{ name: "in" }] }],
  ["no class, when the wanted one is the default", "served", {
    options: { ingressClass: "in" },
    classes: [{ name: "in", isDefault: true }],
  }],
  ["no class, when another one is the default", "left", {
    options: { ingressClass: "in" },
    classes: [{ name: "in" }, { name: "out", isDefault: true }],
  }],
  ["a class of ours, when another is wanted", "left", {
    options: { ingressClass: "in" },
    classes: [{ name: "in" }, { name: "out" }],
    field: "out",
  }],
  ["the wanted class of another controller", "left", {
    options: { ingressClass: "nginx" },
    classes: [nginx],
    field: "nginx",
  }],
  ["the class of another name, when classes are not looked up", "left", {
    options: { disableIngressClassLookup: true },
    classes: [ours],
    field: "ours",
  }],
  ["the class traefik, when nothing of cluster scope is read", "served", {
    options: { disableClusterScopeResources: true },
    field: "traefik",
  }],
  ["the wanted class, when classes are not looked up", "served", {
    options: { disableIngressClassLookup: true, ingressClass: "in" },
    field: "in",
  }],
  ["an annotation, when classes are not looked up", "served", {
    options: { disableIngressClassLookup: true, ingressClass: "in" },
    annotation: "in",
  }],
];

for (const [why, expected, setup] of cases) {
  test(`an Ingress with ${why} is ${expected}`, () => {
    const ingresses = createIngresses(setup.options ?? {});
    for (const each of setup.classes ?? []) ingresses.put(classObject(each));
    ingresses.put(ingressOf(setup));
    const { configuration, problems } = ingresses.state();
    assert.equal(Object.keys(configuration.http.routers).length, expected === "served" ? 1 : 0);
    const codes = problems.map(({ code }) => code).filter((code) => code !== "missing-service");
    assert.deepEqual(codes, expected === "told" ? ["unknown-ingress-class"] : []);
  });
}

test("an Ingress is served as soon as its class is there, and left when that goes", () => {
  const ingresses = createIngresses();
  const routers = () => Object.keys(ingresses.state().configuration.http.routers).length;
  ingresses.put(ingressOf({ field: "ours" }));
  assert.equal(routers(), 0);
  ingresses.put(classObject(ours));
  assert.equal(routers(), 1);
  ingresses.remove(classObject(ours));
  assert.equal(routers(), 0);
});

test("an Ingress is judged by the name of its class as long as classes may not be read", () => {
  const ingresses = createIngresses({}, "ingressclasses");
  const routers = () => Object.keys(ingresses.state().configuration.http.routers).length;
  ingresses.put(ingressOf({ field: "traefik" }));
  assert.equal(routers(), 1);
  ingresses.put(ingressOf({ field: "ours" }));
  assert.equal(routers(), 0);
  assert.deepEqual(ingresses.state().problems, [], "it may be somebody else's");
  ingresses.readClasses();
  assert.deepEqual(ingresses.state().problems.map(({ code }) => code), ["unknown-ingress-class"]);
  ingresses.put(classObject(ours));
  assert.equal(routers(), 1);
});

function classObject({ name, controller = "traefik.io/ingress-controller", isDefault = false }: Class) {
  const annotations = isDefault ? { "ingressclass.kubernetes.io/is-default-class": "true" } : {};
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "IngressClass",
    metadata: { name, annotations },
    spec: { controller },
  };
}

function ingressOf({ annotation, field }: Case) {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name: "a", annotations: annotation === undefined ? {} : { "kubernetes.io/ingress.class": annotation } },
    spec: {
      ...(field !== undefined && { ingressClassName: field }),
      defaultBackend: { service: { name: "web", port: { number: 80 } } },
    },
  };
}
