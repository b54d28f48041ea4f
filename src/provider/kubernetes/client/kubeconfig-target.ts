// One cluster and one user of a kubeconfig as a target: fields checked, data decoded, paths worked out.

import * as z from "zod";
import { toProblems } from "../../../schema/issues.ts";
import { isRecord } from "../store/object.ts";
import { EXEC_VERSIONS, type ExecConfig } from "./exec-credential.ts";
import { misconfigured } from "./kube-error.ts";
import { atField, type Entry, fieldName, type KubeconfigParts } from "./kubeconfig-entry.ts";
import { checkEndpoint, type PemPlace, type Target } from "./target.ts";

const text = z.string().nullish();
const flag = z.boolean().nullish();

const clusterSchema = z.looseObject({
  server: z.string().min(1),
  "tls-server-name": text,
  "insecure-skip-tls-verify": flag,
  "certificate-authority": text,
  "certificate-authority-data": text,
  "proxy-url": text,
  extensions: z.array(z.looseObject({ name: z.string() })).nullish(),
});

const execSchema = z.looseObject({
  apiVersion: z.enum(EXEC_VERSIONS),
  command: z.string().min(1),
  args: z.array(z.string()).nullish(),
  env: z.array(z.looseObject({ name: z.string(), value: z.string() })).nullish(),
  installHint: text,
  provideClusterInfo: flag,
  interactiveMode: z.enum(["Never", "IfAvailable", "Always"]).nullish(),
});

const userSchema = z.looseObject({
  "client-certificate": text,
  "client-certificate-data": text,
  "client-key": text,
  "client-key-data": text,
  token: text,
  tokenFile: text,
  username: text,
  password: text,
  as: text,
  "as-uid": text,
  "as-groups": z.array(z.string()).nullish(),
  "as-user-extra": z.record(z.string(), z.array(z.string())).nullish(),
  exec: execSchema.nullish(),
  "auth-provider": z.looseObject({ name: z.string() }).nullish(),
});

type Cluster = z.infer<typeof clusterSchema>;
type User = z.infer<typeof userSchema>;

/**
 * Reads the two.
 * @throws {KubeError} `misconfigured`
 */
export function toTarget({ cluster, user, namespace }: KubeconfigParts): Target {
  const parsedCluster = check(cluster, clusterSchema);
  const parsedUser = user === undefined ? undefined : check(user, userSchema);
  const server = { ...clusterTarget(parsedCluster, cluster), ...(namespace !== "" && { namespace }) };
  if (user === undefined || parsedUser === undefined) return server;
  return { ...server, ...userTarget(parsedUser, user), ...execTarget(parsedUser, user, parsedCluster) };
}

function check<T>({ value, file, path }: Entry, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  const [problem] = toProblems(parsed.error, { input: value, schema, path, source: { type: "file", file } });
  throw misconfigured(
    problem ?? { severity: "error", code: "kube-config-invalid", message: `${file} is no kubeconfig` },
  );
}

function clusterTarget(cluster: Cluster, entry: Entry): Target {
  const ca = pemOf(entry, "certificate-authority", cluster);
  const insecure = cluster["insecure-skip-tls-verify"] ?? false;
  if (insecure && ca !== undefined) {
    const message =
      "insecure-skip-tls-verify is set beside a certificate authority: one says to trust anybody, the other whom";
    throw atField(entry.file, [...entry.path, "insecure-skip-tls-verify"], message, { hint: "leave one of them out" });
  }
  const place = { source: { type: "file", file: entry.file }, path: [...entry.path, "server"] } as const;
  return {
    endpoint: checkEndpoint(cluster.server, "server", place),
    ...(ca !== undefined && { ca }),
    ...(insecure && { insecureSkipVerify: true }),
    ...(isGiven(cluster["tls-server-name"]) && { serverName: cluster["tls-server-name"] }),
    ...(isGiven(cluster["proxy-url"]) && { proxyUrl: checkProxy(cluster["proxy-url"], entry) }),
  };
}

function checkProxy(url: string, entry: Entry): string {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url;
  const shown = url.replace(/\/\/[^@/]*@/, "//…@"); // a password may stand there
  const message = `proxy-url is ${JSON.stringify(shown)}, wanted an http or https URL`;
  throw atField(entry.file, [...entry.path, "proxy-url"], message, { hint: "SOCKS proxies are not supported" });
}

function userTarget(user: User, entry: Entry): Partial<Target> {
  const { token, tokenFile, username, password } = user;
  if (user["auth-provider"] != null) {
    const message = `auth-provider ${
      JSON.stringify(user["auth-provider"].name)
    } is not supported; Kubernetes dropped it in 1.26`;
    throw atField(entry.file, [...entry.path, "auth-provider"], message, { hint: "use exec instead" });
  }
  const cert = pemOf(entry, "client-certificate", user);
  const key = pemOf(entry, "client-key", user);
  return {
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(isGiven(token) && { token }),
    ...(isGiven(tokenFile) && {
      tokenFile: { path: resolvePath(tokenFile, entry.file), named: fieldName(entry, "tokenFile") },
    }),
    ...(isGiven(username) && { basic: { username, password: password ?? "" } }),
    headers: impersonation(user, entry),
  };
}

/** Headers of https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation */
function impersonation(user: User, entry: Entry): Record<string, string | readonly string[]> {
  const { as: name, "as-uid": uid, "as-groups": groups, "as-user-extra": extra } = user;
  if (!isGiven(name)) {
    const given = (["as-uid", "as-groups", "as-user-extra"] as const).find((field) => user[field] != null);
    if (given === undefined) return {};
    throw atField(entry.file, [...entry.path, given], `${given} says as whom to act, but as names nobody`);
  }
  const headers: Record<string, string | readonly string[]> = { "impersonate-user": name };
  if (isGiven(uid)) headers["impersonate-uid"] = uid;
  if (groups != null && groups.length > 0) headers["impersonate-group"] = groups;
  for (const [field, values] of Object.entries(extra ?? {})) {
    headers[`impersonate-extra-${encodeURIComponent(field.toLowerCase())}`] = values;
  }
  return headers;
}

function execTarget({ exec }: User, entry: Entry, cluster: Cluster): { readonly exec?: ExecConfig } {
  if (exec == null) return {};
  if (exec.interactiveMode === "Always") {
    const message = "interactiveMode is Always: the credential program wants a person to talk to, and weir has none";
    throw atField(entry.file, [...entry.path, "exec", "interactiveMode"], message);
  }
  const env: Record<string, string> = {};
  for (const { name, value } of exec.env ?? []) env[name] = value;
  return {
    exec: {
      apiVersion: exec.apiVersion,
      // Only a command with a slash is a path, and then relative to its kubeconfig.
      command: exec.command.includes("/") ? resolvePath(exec.command, entry.file) : exec.command,
      args: exec.args ?? [],
      env,
      installHint: exec.installHint ?? "",
      ...(exec.provideClusterInfo === true && { cluster: clusterInfo(cluster) }),
      named: fieldName(entry, "exec"),
    },
  };
}

/** What a program is told of the cluster, `ExecCredential.spec.cluster`, but for the authority, which may be a file. */
function clusterInfo(parsed: Cluster): Record<string, unknown> {
  const extension = parsed.extensions?.find(({ name }) => name === "client.authentication.k8s.io/exec");
  return {
    server: parsed.server,
    ...(isGiven(parsed["tls-server-name"]) && { "tls-server-name": parsed["tls-server-name"] }),
    ...(parsed["insecure-skip-tls-verify"] === true && { "insecure-skip-tls-verify": true }),
    ...(isGiven(parsed["proxy-url"]) && { "proxy-url": parsed["proxy-url"] }),
    ...(isRecord(extension?.["extension"]) && { config: extension["extension"] }),
  };
}

/** The text of `FIELD-data`, in base64, goes before the path of `FIELD`. */
function pemOf(entry: Entry, field: string, values: Readonly<Record<string, unknown>>): PemPlace | undefined {
  const [data, path] = [values[`${field}-data`], values[field]];
  if (typeof data === "string" && data !== "") {
    const named = fieldName(entry, `${field}-data`);
    try {
      return { text: atob(data.replace(/\s+/g, "")), named };
    } catch {
      throw atField(entry.file, [...entry.path, `${field}-data`], `${field}-data is not base64`, {
        hint: `base64 -w0 of the PEM file, or its path in ${field}`,
      });
    }
  }
  if (typeof path !== "string" || path === "") return undefined;
  return { path: resolvePath(path, entry.file), named: fieldName(entry, field) };
}

/** Relative paths are relative to the kubeconfig they stand in. */
function resolvePath(path: string, file: string): string {
  if (path.startsWith("/")) return path;
  const slash = file.lastIndexOf("/");
  return slash === -1 ? path : `${file.slice(0, slash)}/${path}`;
}

function isGiven(value: string | null | undefined): value is string {
  return typeof value === "string" && value !== "";
}
