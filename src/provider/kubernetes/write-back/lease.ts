// A Lease of coordination.k8s.io/v1: who holds it, since when, and for how long.

import { isRecord } from "../store/object.ts";

/** What a Lease says, with the fields the election reads. */
export interface LeaseRecord {
  readonly resourceVersion: string;
  /** Empty: nobody. */
  readonly holder: string;
  /** 0 when it says none. */
  readonly durationMs: number;
  readonly transitions: number;
  readonly acquireTime: string;
  /** Changes whenever the holder writes: who waits compares it, and never reads it as a time. */
  readonly renewTime: string;
  /** The whole object, to be written back. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** The `spec` of a Lease as it is written. */
export interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds: number;
  readonly acquireTime: string;
  readonly renewTime: string;
  readonly leaseTransitions: number;
}

/** Reads a Lease; fields that are absent or strange count as empty. */
export function readLease(raw: Readonly<Record<string, unknown>>): LeaseRecord {
  const metadata = isRecord(raw["metadata"]) ? raw["metadata"] : {};
  const spec = isRecord(raw["spec"]) ? raw["spec"] : {};
  return {
    resourceVersion: textOf(metadata["resourceVersion"]),
    holder: textOf(spec["holderIdentity"]),
    durationMs: numberOf(spec["leaseDurationSeconds"]) * 1000,
    transitions: numberOf(spec["leaseTransitions"]),
    acquireTime: textOf(spec["acquireTime"]),
    renewTime: textOf(spec["renewTime"]),
    raw,
  };
}

/** A new Lease. */
export function createLease(namespace: string, name: string, spec: LeaseSpec): Readonly<Record<string, unknown>> {
  return { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name, namespace }, spec };
}

/** The same Lease with another spec; what others wrote beside it stays. */
export function withSpec({ raw }: LeaseRecord, spec: LeaseSpec): Readonly<Record<string, unknown>> {
  const metadata = isRecord(raw["metadata"]) ? raw["metadata"] : {};
  const { managedFields: _, ...kept } = metadata;
  const { holderIdentity: __, ...other } = isRecord(raw["spec"]) ? raw["spec"] : {};
  return { ...raw, metadata: kept, spec: { ...other, ...spec } };
}

/** Kubernetes' MicroTime: always six digits, or the server refuses it. */
export function toMicroTime(date: Date): string {
  return date.toISOString().replace("Z", "000Z");
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function numberOf(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}
