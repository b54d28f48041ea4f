// The embedded API as a guarded server: real kubectl over TLS with a private authority, tokens, certificates and RBAC.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { createKubeApi } from "../../src/dev/api/kube-api.ts";
import type { KnownUser } from "../../src/dev/auth/authenticator.ts";
import { type FetchServer, serveSecureFetch } from "../support/fetch-server.ts";
import { createKubectl, type Kubectl, skipWithoutKubectl } from "../support/kubectl.ts";
import { type Authority, createAuthority } from "../support/private-authority.ts";

interface Guarded {
  readonly server: FetchServer;
  readonly kubectl: Kubectl;
  /** Flags of a user with a token. */
  as(token: string): readonly string[];
  /** Flags of a user with a certificate. */
  certificate(subject: string): Promise<readonly string[]>;
}

async function guarded(authority: Authority, use: (guarded: Guarded) => Promise<void>): Promise<void> {
  const subjects = new WeakMap<Request, KnownUser>();
  const api = createKubeApi({
    access: {
      tokens: { "t-admin": { name: "admin", groups: ["system:masters"] }, "t-bob": { name: "bob" } },
      certificateUser: (request) => subjects.get(request),
    },
  });
  const pair = await authority.issue({ subject: "/CN=kube", names: "IP:127.0.0.1" });
  const server = await serveSecureFetch((request, subject) => {
    if (subject !== undefined) subjects.set(request, subject);
    return api.fetch(request);
  }, { ...pair, clientCa: authority.ca });
  const kubectl = await createKubectl(server.url);
  const file = async (name: string, text: string) => {
    await writeFile(join(authority.folder, name), text);
    return join(authority.folder, name);
  };
  const ca = ["--certificate-authority", await file("trusted.crt", authority.ca)];
  try {
    await use({
      server,
      kubectl,
      as: (token) => [...ca, "--token", token],
      certificate: async (subject) => {
        const { cert, key } = await authority.issue({ subject });
        const paths = [await file("client.crt", cert), await file("client.key", key)];
        return [...ca, "--client-certificate", paths[0] ?? "", "--client-key", paths[1] ?? ""];
      },
    });
  } finally {
    await kubectl.close();
    api.close();
    await server.close();
  }
}

test(
  "kubectl over TLS: tokens, certificates, roles, accounts, impersonation",
  { skip: skipWithoutKubectl },
  async () => {
    const authority = await createAuthority();
    try {
      await guarded(authority, async ({ kubectl, as, certificate }) => {
        const admin = as("t-admin");
        const refused = async (flags: readonly string[], args: readonly string[]) => {
          const { exit, stderr } = await kubectl.run([...flags, ...args]);
          assert.notEqual(exit, 0, `kubectl ${args.join(" ")} succeeded`);
          return stderr;
        };
        assert.match(await refused(as("wrong"), ["get", "services"]), /logged in to the server|Unauthorized/);
        assert.match(await refused(as("t-bob"), ["get", "services"]), /User "bob" cannot list resource "services"/);
        await kubectl.ok([...admin, "create", "role", "reader", "--verb=get,list", "--resource=services"]);
        await kubectl.ok([...admin, "create", "rolebinding", "readers", "--role=reader", "--group=ops", "--user=bob"]);
        assert.equal(await kubectl.ok([...as("t-bob"), "auth", "can-i", "list", "services"]), "yes\n");
        assert.match(
          await kubectl.ok([...as("t-bob"), "auth", "can-i", "--list"]),
          /services\s+\[\]\s+\[\]\s+\[get list\]/,
        );
        const carol = await certificate("/O=ops/CN=carol");
        await kubectl.ok([...carol, "get", "services"]);
        assert.match(await refused(carol, ["get", "secrets"]), /User "carol" cannot list resource "secrets"/);
        assert.match(
          await kubectl.ok([...admin, "auth", "can-i", "list", "services", "--as", "dave", "--as-group", "ops"]),
          /yes/,
        );
        await kubectl.ok([...admin, "create", "serviceaccount", "edge"]);
        const token = (await kubectl.ok([...admin, "create", "token", "edge", "--duration", "1h"])).trim();
        assert.match(
          await refused(as(token), ["get", "services"]),
          /User "system:serviceaccount:default:edge" cannot list/,
        );
        await kubectl.ok([...admin, "create", "rolebinding", "edge", "--role=reader", "--serviceaccount=default:edge"]);
        await kubectl.ok([...as(token), "get", "services"]);
        assert.match(await kubectl.ok([...as(token), "auth", "whoami"]), /system:serviceaccount:default:edge/);
      });
    } finally {
      await authority.remove();
    }
  },
);

test("a client that does not know the authority is not served", { skip: skipWithoutKubectl }, async () => {
  const [authority, other] = [await createAuthority(), await createAuthority("somebody-else")];
  try {
    await guarded(authority, async ({ kubectl }) => {
      await writeFile(join(other.folder, "other.crt"), other.ca);
      const flags = ["--certificate-authority", join(other.folder, "other.crt"), "--token", "t-admin"];
      assert.match(
        (await kubectl.run([...flags, "get", "services"])).stderr,
        /certificate signed by unknown authority/,
      );
    });
  } finally {
    await authority.remove();
    await other.remove();
  }
});
