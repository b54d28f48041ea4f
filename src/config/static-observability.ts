// Logs, metrics, traces, the API and ping in the static configuration.

import * as z from "zod";
import { duration, integer, nonEmptyString, oneOf, statusRange } from "../schema/primitives.ts";

/** Exporters weir does not have yet. */
const exporter = z.looseObject({}).optional().describe("Accepted, without effect yet.");

/** Everything under `log`. */
export const logSchema = z.strictObject({
  level: oneOf(["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "PANIC"]).default("ERROR")
    .describe("Least severe messages that are written."),
  format: oneOf(["common", "json"]).default("common").describe("Form of the lines."),
  filePath: z.string().optional().describe("File to write to. Default: standard output."),
  maxSize: integer({ min: 0 }).default(0).describe("Megabytes after which the file is rotated."),
  maxAge: integer({ min: 0 }).default(0).describe("Days that rotated files are kept."),
  maxBackups: integer({ min: 0 }).default(0).describe("Rotated files that are kept."),
  compress: z.boolean().default(false).describe("Compresses rotated files."),
  noColor: z.boolean().default(false).describe("Leaves colours out of the common format."),
  otlp: exporter,
}).prefault({});

const fieldMode = oneOf(["keep", "drop"]).describe("What happens to this field.");
const headerMode = oneOf(["keep", "drop", "redact"]).describe("What happens to this header.");

/** Everything under `accessLog`; it is written when the block is there. */
export const accessLogSchema = z.strictObject({
  filePath: z.string().optional().describe("File to write to. Default: standard output."),
  format: oneOf(["common", "genericCLF", "json"]).default("common").describe("Form of the lines."),
  filters: z.strictObject({
    statusCodes: z.array(statusRange).default([]).describe("Writes these answers only."),
    retryAttempts: z.boolean().default(false).describe("Writes requests that were tried again."),
    minDuration: duration.default(0).describe("Writes requests that took longer."),
  }).prefault({}),
  fields: z.strictObject({
    defaultMode: fieldMode.default("keep").describe("What happens to fields not named."),
    names: z.record(z.string(), fieldMode).default({}).describe("What happens to a field."),
    headers: z.strictObject({
      defaultMode: headerMode.default("drop").describe("What happens to headers not named."),
      names: z.record(z.string(), headerMode).default({}).describe("What happens to a header."),
    }).prefault({}),
  }).prefault({}),
  bufferingSize: integer({ min: 0 }).default(0).describe("Lines kept in memory before they are written."),
  addInternals: z.boolean().default(false).describe("Writes requests to weir's own services, too."),
  dualOutput: z.boolean().default(false).describe("Writes to the file and to the exporter."),
  otlp: exporter,
});

const prometheusSchema = z.strictObject({
  buckets: z.array(z.number().positive()).min(1).default([0.1, 0.3, 1.2, 5])
    .describe("Upper bounds of the duration histogram, in seconds."),
  addEntryPointsLabels: z.boolean().default(true).describe("Counts by entry point."),
  addRoutersLabels: z.boolean().default(false).describe("Counts by router."),
  addServicesLabels: z.boolean().default(true).describe("Counts by service."),
  entryPoint: nonEmptyString.default("traefik").describe("Entry point of `/metrics`."),
  manualRouting: z.boolean().default(false).describe("Leaves `/metrics` to a router of yours."),
  headerLabels: z.record(z.string(), z.string().describe("Header that this label is taken from.")).default({})
    .describe("Labels taken from request headers."),
});

/** Everything under `metrics`. */
export const metricsSchema = z.strictObject({
  addInternals: z.boolean().default(false).describe("Counts requests to weir's own services, too."),
  prometheus: prometheusSchema.optional().describe("Serves metrics in Prometheus' format."),
  datadog: exporter,
  statsD: exporter,
  influxDB2: exporter,
  otlp: exporter,
}).prefault({});

/** Everything under `api`; it is served when the block is there. */
export const apiSchema = z.strictObject({
  basePath: z.string().default("/").describe("Path the API lies under."),
  insecure: z.boolean().default(false).describe("Serves the API on the entry point `traefik`, unprotected."),
  dashboard: z.boolean().default(true).describe("Serves the dashboard."),
  dashboardName: z.string().optional().describe("Name shown in the dashboard."),
  debug: z.boolean().default(false).describe("Serves debugging pages."),
  disableDashboardAd: z.boolean().default(false).describe("Accepted. There is no advertisement."),
});

/** Everything under `ping`; it is served when the block is there. */
export const pingSchema = z.strictObject({
  entryPoint: nonEmptyString.default("traefik").describe("Entry point of `/ping`."),
  manualRouting: z.boolean().default(false).describe("Leaves `/ping` to a router of yours."),
  terminatingStatusCode: integer({ min: 100, max: 599 }).default(503).describe("Answer after the stop signal."),
});
