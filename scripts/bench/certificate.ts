// The certificate of the benchmark's HTTPS cases: the same one for every proxy.

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SiteTls } from "./contenders.ts";

/** Makes an elliptic curve's, which handshakes are cheapest with, for the address and the hosts. */
export function makeCertificate(folder: string, hosts: readonly string[]): SiteTls {
  const [cert, key, both] = ["site.crt", "site.key", "site.pem"].map((name) => join(folder, name));
  if (cert === undefined || key === undefined || both === undefined) throw new Error("no paths");
  const names = ["IP:127.0.0.1", ...hosts.map((host) => `DNS:${host}`)].join(",");
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const subject = ["-subj", "/CN=bench.test", "-addext", `subjectAltName=${names}`];
  execFileSync("openssl", ["req", "-x509", ...curve, ...subject, "-keyout", key, "-out", cert], { stdio: "ignore" });
  writeFileSync(both, readFileSync(cert, "utf8") + readFileSync(key, "utf8"));
  return { cert, key, both };
}
