// A certificate authority of a test's own, made by openssl: servers' and clients' certificates, RSA and EC.

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const exec = promisify(execFile);

/** A certificate and its key, in PEM. */
export interface KeyPairText {
  readonly cert: string;
  readonly key: string;
}

/** What a certificate says. */
export interface CertificateOptions {
  /** Common name; with organisations as `/O=group/CN=name`. */
  readonly subject: string;
  /** As openssl writes them: `DNS:api.internal,IP:127.0.0.1`. */
  readonly names?: string;
  /** Default: `ec`, with the key in SEC1. `rsa`: the key in PKCS#1. */
  readonly algorithm?: "ec" | "rsa";
  /** Default: 2. */
  readonly days?: number;
}

/** Signs certificates. */
export interface Authority {
  /** Its own certificate. */
  readonly ca: string;
  readonly folder: string;
  issue(options: CertificateOptions): Promise<KeyPairText>;
  /** Removes its files. */
  remove(): Promise<void>;
}

/** Makes an authority in a folder of its own. The caller removes it. */
export async function createAuthority(name = "test-authority"): Promise<Authority> {
  const folder = await mkdtemp(join(tmpdir(), "weir-authority-"));
  const at = (file: string) => join(folder, file);
  const openssl = (line: string) => exec("openssl", line.split(" "), { cwd: folder });
  await openssl(
    `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=${name} -keyout ca.key -out ca.crt`,
  );
  let count = 0;
  return {
    ca: await readFile(at("ca.crt"), "utf8"),
    folder,
    issue: async ({ subject, names = "DNS:unused", algorithm = "ec", days = 2 }) => {
      const id = `c${++count}`;
      const subjectName = subject.startsWith("/") ? subject : `/CN=${subject}`;
      if (algorithm === "ec") await openssl(`ecparam -name prime256v1 -genkey -noout -out ${id}.key`);
      else await openssl(`genrsa -traditional -out ${id}.key 2048`);
      await writeFile(at(`${id}.ext`), `subjectAltName=${names}\n`);
      await openssl(`req -new -key ${id}.key -subj ${subjectName} -out ${id}.csr`);
      await openssl(
        `x509 -req -in ${id}.csr -CA ca.crt -CAkey ca.key -set_serial ${count} -days ${days} -extfile ${id}.ext -out ${id}.crt`,
      );
      return { cert: await readFile(at(`${id}.crt`), "utf8"), key: await readFile(at(`${id}.key`), "utf8") };
    },
    remove: () => rm(folder, { recursive: true }),
  };
}
