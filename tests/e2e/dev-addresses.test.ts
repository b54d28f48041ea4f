// `weir dev` with routes to the addresses of Services and Nodes: stubs answer, as there is nobody at such an address.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ask } from "../support/ask.ts";
import { threeRuntimes } from "../support/runtimes.ts";
import { startWeir, temporaryFolder } from "../support/weir.ts";

const manifests = `
apiVersion: v1
kind: Service
metadata: { name: app }
spec: { type: NodePort, ports: [{ port: 80 }], selector: { app: app } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: app }
spec:
  selector: { matchLabels: { app: app } }
  template: { metadata: { labels: { app: app } }, spec: { containers: [{ name: app, image: traefik/whoami }] } }
---
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: { name: app }
spec:
  entryPoints: [web]
  routes:
    - { kind: Rule, match: "Host(\`native.test\`)", services: [{ name: app, port: 80, nativeLB: true }] }
    - { kind: Rule, match: "Host(\`node.test\`)", services: [{ name: app, port: 80, nodePortLB: true }] }
`;

for (const runtime of threeRuntimes) {
  test(`weir dev sends to stubs what is meant for addresses of Services and Nodes, and says so on ${runtime.name}`, async () => {
    const folder = await temporaryFolder();
    try {
      await folder.write("app.yaml", manifests);
      const addresses = ["web", "traefik"].map((name) => `--entrypoints.${name}.address=127.0.0.1:0`);
      const weir = await startWeir(runtime, ["dev", folder.path, "--kube.port", "0", ...addresses]);
      try {
        for (const host of ["native.test", "node.test"]) {
          const { status, body } = await ask({ port: weir.port("web"), host });
          assert.equal(status, 200, host);
          assert.match(body, /Hostname: app-/, host);
        }
        await weir.waitFor(/IngressRoute default\/app asks for nativeLB or nodePortLB: endpoints stand in/);
      } finally {
        await weir.stop();
      }
    } finally {
      await folder.remove();
    }
  });
}
