// What is found in texts: kinds of documents, severities, options, and what is left unsaid.

import assert from "node:assert/strict";
import { test } from "node:test";
import { briefly, checkTexts } from "../../support/checked.ts";

const service = (name: string, more = "") => `
---
apiVersion: v1
kind: Service
metadata: {name: ${name}${more}}
spec: {selector: {app: ${name}}, ports: [{name: web, port: 80}]}
`;

const route = (name: string, spec: string, metadata = "") => `
---
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: {name: ${name}${metadata}}
spec: {routes: [{match: Host(\`${name}\`), ${spec}}]}
`;

const toService = (name: string) => `services: [{name: ${name}, port: 80}]`;
const toApi = `services: [{kind: TraefikService, name: "api@internal"}]`;

interface Case {
  readonly name: string;
  readonly texts: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
  readonly found: readonly string[];
}

const cases: readonly Case[] = [
  {
    name: "a Service that is missing where no Service is given: a warning",
    texts: { "a.yaml": route("a", toService("web")) },
    found: ["a.yaml:6:54 warning missing-service"],
  },
  {
    name: "a Service that is missing beside others: an error",
    texts: { "a.yaml": route("a", toService("web")), "b.yaml": service("other") },
    found: ["a.yaml:6:54 error missing-service"],
  },
  {
    name: "a Service of another file is found",
    texts: { "a.yaml": route("a", toService("web")), "b.yaml": service("web") },
    found: [],
  },
  {
    name: "a port by name, and a Service whose selector fits nothing",
    texts: { "a.yaml": route("a", "services: [{name: web, port: web}]") + service("web") },
    found: [],
  },
  {
    name: "a Secret that is missing beside others: an error",
    texts: {
      "a.yaml": "apiVersion: traefik.io/v1alpha1\nkind: TLSStore\nmetadata: {name: default}\n" +
        "spec: {defaultCertificate: {secretName: tls}}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: other}\n",
    },
    found: ["a.yaml:4:41 error missing-secret"],
  },
  {
    name: "another namespace",
    texts: {
      "a.yaml": route("a", "services: [{name: web, namespace: shop, port: 80}]") + service("web", ", namespace: shop"),
    },
    found: ["a.yaml:6:70 error cross-namespace"],
  },
  {
    name: "another namespace, when the start allows it",
    texts: {
      "a.yaml": route("a", "services: [{name: web, namespace: shop, port: 80}]") + service("web", ", namespace: shop"),
    },
    flags: ["--providers.kubernetescrd.allowCrossNamespace"],
    found: [],
  },
  {
    name: "another namespace, when the file of the start allows it",
    texts: {
      "a.yaml": route("a", "services: [{name: web, namespace: shop, port: 80}]") + service("web", ", namespace: shop"),
      "traefik.toml": "[providers.kubernetesCRD]\nallowCrossNamespace = true\n",
    },
    found: [],
  },
  {
    name: "an entry point that flags do not declare",
    texts: { "a.yaml": `http: {routers: {a: {entryPoints: [wbe], rule: Host(\`a\`), service: "api@internal"}}}` },
    flags: ["--entrypoints.web.address=:80"],
    found: ["a.yaml:1:36 error unknown-entry-point"],
  },
  {
    name: "any entry point, when nobody declares one",
    texts: { "a.yaml": `http: {routers: {a: {entryPoints: [wbe], rule: Host(\`a\`), service: "api@internal"}}}` },
    found: [],
  },
  {
    name: "a middleware of files, when no file is given",
    texts: { "a.yaml": route("a", `middlewares: [{name: "auth@file"}], ${toApi}`) },
    found: ["a.yaml:6:57 warning missing-middleware"],
  },
  {
    name: "a middleware of files, beside files",
    texts: {
      "a.yaml": route("a", `middlewares: [{name: "auht@file"}], ${toApi}`),
      "b.yaml": "http: {middlewares: {auth: {stripPrefix: {prefixes: [/a]}}}}",
    },
    found: ["a.yaml:6:57 error missing-middleware"],
  },
  {
    name: "a part with a fault of its own is not missing as well",
    texts: {
      "a.yaml": "http:\n  routers: {a: {rule: Host(`a`), service: a}}\n  services: {a: {loadBalancer: {servers: 3}}}\n",
    },
    found: ["a.yaml:3:33 error invalid-value"],
  },
  {
    name: "an object with a fault of its own is not missing as well",
    texts: {
      "a.yaml": route("a", `middlewares: [{name: strip}], ${toApi}`) +
        "---\napiVersion: traefik.io/v1alpha1\nkind: Middleware\nmetadata: {name: strip}\nspec: {stripPrefix: {prefixes: 3}}\n",
    },
    found: ["a.yaml:11:32 error invalid-value"],
  },
  {
    name: "what a document that can't be read may hold is not missing",
    texts: { "a.yaml": route("a", toService("web")) + service("other"), "b.yaml": `${service("web")}  more: [\n` },
    found: ["b.yaml:7:3 error syntax"],
  },
  {
    name: "objects of other classes: their form alone",
    texts: {
      "a.yaml": route("a", toService("none"), ", annotations: {kubernetes.io/ingress.class: nginx}") + service("web"),
    },
    found: [],
  },
  {
    name: "objects outside the namespaces of the start: their form alone",
    texts: { "a.yaml": route("a", toService("none")) + service("web") },
    flags: ["--providers.kubernetescrd.namespaces=shop"],
    found: [],
  },
  {
    name: "objects without the labels of the start: their form alone",
    texts: { "a.yaml": route("a", toService("none")) + service("web") },
    flags: ["--providers.kubernetescrd.labelselector=team=shop"],
    found: [],
  },
  {
    name: "JSON that is indented with tabs",
    texts: {
      "a.json":
        '{\n\t"apiVersion": "v1",\n\t"kind": "Service",\n\t"metadata": {"name": "a"},\n\t"spec": {"prots": []}\n}',
    },
    found: ["a.json:5:11 error unknown-field"],
  },
  {
    name: "items of a list",
    texts: {
      "a.yaml": "apiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    kind: Service\n    metadata: {name: a}\n" +
        "    spec: {ports: [{port: 0}]}\n",
    },
    found: ["a.yaml:7:27 error invalid-value"],
  },
  { name: "an empty file", texts: { "a.yaml": "# nothing\n---\n" }, found: [] },
  { name: "a text", texts: { "a.yaml": "hello\n" }, found: ["a.yaml:1:1 error unknown-document"] },
  { name: "somebody else's YAML", texts: { "a.yaml": "jobs: {}\n" }, found: ["a.yaml:1:1 warning unknown-document"] },
  {
    name: "kinds of Kubernetes that weir does not read, and of others",
    texts: {
      "a.yaml": "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: a}\n---\n" +
        "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: a}\n",
    },
    found: [],
  },
  {
    name: "the rules of TCP, and of two routers of one host",
    texts: {
      "a.toml": '[tcp.routers.a]\nrule = "HostSNI(`*`) && Host(`a`)"\nservice = "a"\n' +
        '[[tcp.services.a.loadBalancer.servers]]\naddress = "127.0.0.1:1"\n',
    },
    found: ["a.toml:2:25 error bad-rule"],
  },
  {
    name: "routers on different entry points do not meet",
    texts: {
      "a.yaml": 'http: {routers: {a: {entryPoints: [x], rule: Host(`a`), service: "api@internal"},\n' +
        '  b: {entryPoints: [y], rule: Host(`a`), service: "api@internal"}}}\n',
    },
    found: [],
  },
  {
    name: "an entry point that an annotation names",
    texts: {
      "a.yaml": "apiVersion: networking.k8s.io/v1\nkind: Ingress\n" +
        'metadata: {name: a, annotations: {traefik.ingress.kubernetes.io/router.entrypoints: "web,websecur"}}\n' +
        "spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}\n" + service("web"),
    },
    flags: ["--entrypoints.web.address=:80", "--entrypoints.websecure.address=:443"],
    found: ["a.yaml:3:85 error unknown-entry-point"],
  },
  {
    name: "a path that no API server takes: one fault, though its rule is wrong, too",
    texts: {
      "a.yaml": "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: a}\nspec:\n  rules:\n" +
        "    - http: {paths: [{path: x, pathType: Exact, backend: {service: {name: web, port: {number: 80}}}}]}\n" +
        service("web"),
    },
    found: ["a.yaml:6:29 error invalid-value"],
  },
  {
    name: "an IngressClass that is missing beside others",
    texts: {
      "a.yaml": "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: a}\n" +
        "spec: {ingressClassName: our, defaultBackend: {service: {name: web, port: {number: 80}}}}\n---\n" +
        "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: ours}\n" +
        "spec: {controller: traefik.io/ingress-controller}\n" + service("web"),
    },
    found: ["a.yaml:4:26 warning unknown-ingress-class"],
  },
  {
    name: "a namespace that no cluster can have",
    texts: { "a.yaml": service("web", ", namespace: Shop") },
    found: ["a.yaml:5:34 error invalid-value"],
  },
  {
    name: "a TraefikService that leads back to itself",
    texts: {
      "a.yaml": "apiVersion: traefik.io/v1alpha1\nkind: TraefikService\nmetadata: {name: a}\n" +
        "spec: {weighted: {services: [{kind: TraefikService, name: a}]}}\n" +
        route("b", "services: [{kind: TraefikService, name: a}]"),
    },
    found: ["a.yaml:1:1 error missing-service"],
  },
  {
    name: "an annotation of Traefik 1 that names an entry point, when nobody declares one",
    texts: {
      "a.yaml": "apiVersion: networking.k8s.io/v1\nkind: Ingress\n" +
        "metadata: {name: a, annotations: {ingress.kubernetes.io/redirect-entry-point: https}}\n" +
        "spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}\n" + service("web"),
    },
    found: ["a.yaml:3:79 warning legacy-annotation"],
  },
];

for (const { name, texts, flags, found } of cases) {
  test(`checkInputs() judges ${name}`, () => {
    const served = checkTexts(texts, flags).findings.filter(({ code }) => !/not-served/.test(code));
    assert.deepEqual(served.map(briefly), found);
  });
}

test("checkInputs() gives objects the namespace that is asked for", () => {
  const texts = { "a.yaml": route("a", toService("web")) + service("web", ", namespace: shop") };
  assert.deepEqual(checkTexts(texts, [], "shop").findings, []);
  assert.deepEqual(checkTexts(texts).findings.map(({ code }) => code), ["missing-service"]);
});

test("checkInputs() hints at the name that was meant", () => {
  const texts = {
    "a.yaml": route("a", "middlewares: [{name: strp}], services: [{name: wbe, port: 80}]") + service("web") +
      "---\napiVersion: traefik.io/v1alpha1\nkind: Middleware\nmetadata: {name: strip}\nspec: {stripPrefix: {prefixes: [/a]}}\n",
  };
  const { findings } = checkTexts(texts);
  assert.deepEqual(findings.map(({ hint }) => hint), ['did you mean "strip"?']);
});

test("checkInputs() names the second place of a twin", () => {
  const { findings: [finding] } = checkTexts({ "a.yaml": service("web"), "b.yaml": service("web") });
  assert.equal(finding?.message, 'Service "web" is also in a.yaml:5:18');
  assert.deepEqual(finding?.related, { position: { file: "a.yaml", line: 5, column: 18 }, message: "the other one" });
});

test("checkInputs() counts what it read, and what it could not judge", () => {
  const other = "---\napiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: a}\n";
  const { files, documents, objects, skipped } = checkTexts({
    "a.yaml": service("web") + other,
    "b.yaml": "http: {}\n",
  });
  assert.deepEqual({ files, documents, objects, skipped }, { files: 2, documents: 3, objects: 1, skipped: 1 });
});

test("checkInputs() survives whatever a document holds", () => {
  const values = ["null", "3", "[]", "{}", '""', "[[]]", "{a: {b: [null]}}", "-1", "1.5", `"${"x".repeat(70_000)}"`];
  const kinds = ["IngressRoute", "TraefikService", "Middleware", "TLSOption", "ServersTransportTCP", "IngressRouteUDP"];
  const texts = kinds.flatMap((kind) =>
    values.map((value) => `---\napiVersion: traefik.io/v1alpha1\nkind: ${kind}\nmetadata: {name: a}\nspec: ${value}\n`)
  );
  const builtIn = ["Service", "Secret", "Pod"].flatMap((kind) =>
    values.map((value) => `---\napiVersion: v1\nkind: ${kind}\nmetadata: ${value}\nspec: ${value}\ndata: ${value}\n`)
  );
  const files = values.map((value) =>
    `---\nhttp: ${value}\ntcp: {routers: {a: ${value}}}\nudp: {services: ${value}}\n`
  );
  const names = ["constructor", "__proto__", "toString"].map((word) =>
    `---\napiVersion: ${word}\nkind: ${word}\nmetadata: {name: ${word}, namespace: ${word}}\n`
  );
  const all = [...texts, ...builtIn, ...files, ...names];
  assert.equal(checkTexts({ "a.yaml": all.join("") }).documents, all.length);
});
