// An entry of a kubeconfig and where it stands, for messages that say so.

import { formatPath } from "../../../schema/path.ts";
import type { Problem } from "../../../schema/problem.ts";
import { type KubeError, misconfigured } from "./kube-error.ts";

/** A named entry of one of the lists, and where it stands. */
export interface Entry {
  readonly value: unknown;
  readonly file: string;
  /** `["users", 0, "user"]` */
  readonly path: readonly (string | number)[];
}

/** The current context's parts. */
export interface KubeconfigParts {
  readonly cluster: Entry;
  /** Absent: the context names no user. */
  readonly user: Entry | undefined;
  /** Empty: the context names none. */
  readonly namespace: string;
}

/** A problem of one field of one kubeconfig. */
export function atField(
  file: string,
  path: readonly (string | number)[],
  message: string,
  extra: Pick<Problem, "hint"> = {},
): KubeError {
  return misconfigured({
    severity: "error",
    code: "kube-config-invalid",
    message,
    ...extra,
    source: { type: "file", file },
    path,
  });
}

/** How messages name a field: `users[0].user.token in /home/me/.kube/config`. */
export function fieldName({ path, file }: Entry, ...steps: readonly (string | number)[]): string {
  return `${formatPath([...path, ...steps])} in ${file}`;
}
