// The metric of when certificates expire: one series for each that is served, gone with it.

import type { CertificateStatus } from "../build/certificate-status.ts";
import type { CertificateLabels, ProxyMetrics } from "../telemetry/proxy-metrics.ts";

/** Follows what is served. */
export class CertificateExpiry {
  readonly #metrics: ProxyMetrics;
  #shown: ReadonlyMap<string, CertificateLabels> = new Map();

  constructor(metrics: ProxyMetrics) {
    this.#metrics = metrics;
  }

  /** @param served all there are, from now on */
  follow(served: readonly CertificateStatus[]): void {
    const shown = new Map<string, CertificateLabels>();
    for (const certificate of served) {
      const labels = labelsOf(certificate);
      shown.set(JSON.stringify(labels), labels);
      this.#metrics.certificateExpiry(labels).set(Math.floor(certificate.notAfter / 1000));
    }
    for (const [key, labels] of this.#shown) if (!shown.has(key)) this.#metrics.removeCertificate(labels);
    this.#shown = shown;
  }
}

function labelsOf({ commonName, serialNumber, sans }: CertificateStatus): CertificateLabels {
  return { cn: commonName, serial: serialNumber, sans: sans.join(",") };
}
