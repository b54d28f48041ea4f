// Credentials from a program, as kubeconfig's `exec` describes them: client.authentication.k8s.io v1 and v1beta1.

import * as z from "zod";
import type { Runtime } from "../../../net/runtime.ts";
import type { Problem } from "../../../schema/problem.ts";
import { misconfigured } from "./kube-error.ts";

const TIMEOUT_MS = 60_000; // a program that opens a browser, or a cloud's command line on a slow day
const QUOTED = 300; // characters of what the program complains

/** The API versions of the program's answer. */
export const EXEC_VERSIONS = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"] as const;

/** A program to run, its path worked out. */
export interface ExecConfig {
  readonly apiVersion: (typeof EXEC_VERSIONS)[number];
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** How to install it; empty: nobody said. */
  readonly installHint: string;
  /** What the program is told of the cluster; absent: nothing. */
  readonly cluster?: Readonly<Record<string, unknown>>;
  /** For messages: `users["me"].user.exec in /home/me/.kube/config`. */
  readonly named: string;
}

/** What the program gave. */
export interface ExecCredential {
  readonly token?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Milliseconds since 1970; Infinity: it holds until the server refuses it. */
  readonly expiresAt: number;
}

const statusSchema = z.looseObject({
  token: z.string().nullish(),
  clientCertificateData: z.string().nullish(),
  clientKeyData: z.string().nullish(),
  expirationTimestamp: z.string().nullish(),
});

const answerSchema = z.looseObject({
  kind: z.literal("ExecCredential"),
  apiVersion: z.enum(EXEC_VERSIONS),
  status: statusSchema,
});

/**
 * Runs the program.
 * @throws {KubeError} `misconfigured` when it can't be started, fails, or says something else
 */
export async function runExec(config: ExecConfig, run: Runtime["run"]): Promise<ExecCredential> {
  const info = {
    apiVersion: config.apiVersion,
    kind: "ExecCredential",
    spec: { interactive: false, ...(config.cluster !== undefined && { cluster: config.cluster }) },
  };
  const env = { ...config.env, KUBERNETES_EXEC_INFO: JSON.stringify(info) };
  const result = await run({ command: config.command, args: config.args, env, timeoutMs: TIMEOUT_MS }).catch(
    (cause: unknown) => {
      throw failed(config, `can't be started: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
    },
  );
  if (result.timedOut) throw failed(config, `did not end within ${TIMEOUT_MS / 1000} s`);
  if (result.code !== 0) {
    const complaint = result.stderr.trim().slice(0, QUOTED);
    throw failed(config, `failed with code ${result.code ?? "none"}${complaint === "" ? "" : `: ${complaint}`}`);
  }
  return readAnswer(result.stdout, config);
}

function readAnswer(text: string, config: ExecConfig): ExecCredential {
  const parsed = answerSchema.safeParse(parseJson(text));
  if (!parsed.success) {
    const path = parsed.error.issues[0]?.path ?? [];
    const field = path.length === 0 ? "" : ` (${path.join(".")})`;
    throw failed(config, `printed something else than an ExecCredential${field}`);
  }
  const { apiVersion, status } = parsed.data;
  if (apiVersion !== config.apiVersion) {
    throw failed(config, `answered with ${apiVersion}, wanted ${config.apiVersion} as the kubeconfig says`);
  }
  return toCredential(status, config);
}

function toCredential(status: z.infer<typeof statusSchema>, config: ExecConfig): ExecCredential {
  const { token, clientCertificateData: cert, clientKeyData: key, expirationTimestamp } = status;
  if (isGiven(cert) !== isGiven(key)) throw failed(config, "gave one of certificate and key without the other");
  const pair = isGiven(cert) && isGiven(key) ? { cert, key } : {};
  if (!isGiven(token) && !isGiven(cert)) throw failed(config, "gave neither a token nor a client certificate");
  const expiresAt = isGiven(expirationTimestamp) ? Date.parse(expirationTimestamp) : Infinity;
  if (Number.isNaN(expiresAt)) {
    throw failed(config, `gave the expirationTimestamp ${JSON.stringify(expirationTimestamp)}, wanted RFC 3339`);
  }
  return { ...(isGiven(token) && { token }), ...pair, expiresAt };
}

function isGiven(text: string | null | undefined): text is string {
  return typeof text === "string" && text !== "";
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // refused by the schema
  }
}

function failed({ command, named, installHint }: ExecConfig, what: string, cause?: unknown): Error {
  const problem: Problem = {
    severity: "error",
    code: "kube-exec-failed",
    message: `the credential program ${JSON.stringify(command)} of ${named} ${what}`,
    ...(installHint !== "" && { hint: installHint.trim().split("\n", 1)[0] ?? "" }),
  };
  return misconfigured(problem, cause);
}
