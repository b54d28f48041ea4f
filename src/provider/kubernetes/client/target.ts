// An API server, and how weir introduces itself to it.

import type { Problem } from "../../../schema/problem.ts";
import type { ExecConfig } from "./exec-credential.ts";
import { misconfigured } from "./kube-error.ts";

/** What the options say about the connection. */
export interface ConnectionOptions {
  readonly endpoint?: string | undefined;
  /** A token, or the path of a file that holds one. */
  readonly token?: string | undefined;
  /** Path of the certificate authority's PEM file. */
  readonly certAuthFilePath?: string | undefined;
}

/** A PEM text, or the file that holds it, and the option or field that names it. */
export interface PemPlace {
  readonly text?: string;
  readonly path?: string;
  /** For messages: `certAuthFilePath`, `users["me"].client-key in /home/me/.kube/config`. */
  readonly named: string;
}

/** An API server, and everything needed to be let in. Files it names are not read yet. */
export interface Target {
  /** Without a slash at the end. */
  readonly endpoint: string;
  /** Absent: the runtime's own authorities. */
  readonly ca?: PemPlace;
  readonly cert?: PemPlace;
  readonly key?: PemPlace;
  readonly serverName?: string;
  readonly insecureSkipVerify?: boolean;
  readonly proxyUrl?: string;
  /** Read again and again; what it holds wins over `token`. */
  readonly tokenFile?: { readonly path: string; readonly named: string } | undefined;
  readonly token?: string;
  readonly basic?: { readonly username: string; readonly password: string };
  readonly exec?: ExecConfig;
  /** Of the kubeconfig's context. Absent: it names none, or there is no kubeconfig. */
  readonly namespace?: string;
  /** Impersonation. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
}

/** @throws {KubeError} `misconfigured` when it is no URL of an HTTP server @returns it without a slash at the end */
export function checkEndpoint(endpoint: string, named: string, place: Partial<Problem> = {}): string {
  const isHttp = URL.canParse(endpoint) && /^https?:$/.test(new URL(endpoint).protocol);
  if (isHttp) return endpoint.replace(/\/+$/, "");
  throw misconfigured({
    severity: "error",
    code: "kube-bad-endpoint",
    message: `${named} is ${JSON.stringify(endpoint)}, wanted an http or https URL`,
    hint: "for example https://10.0.0.1:6443",
    ...place,
  });
}
