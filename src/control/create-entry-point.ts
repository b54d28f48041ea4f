// From a definition to an entry point, with everything that hears of what goes on there.

import type { StaticConfiguration } from "../config/static.ts";
import type { EntryPointConfiguration } from "../config/static-entry-points.ts";
import { EntryPoint } from "../entrypoint/entry-point.ts";
import { UdpEntryPoint } from "../entrypoint/udp-entry-point.ts";
import type { Deadlines } from "../net/deadlines.ts";
import type { ProxyError } from "../net/error.ts";
import type { Runtime } from "../net/runtime.ts";
import type { AccessLog } from "../telemetry/access-log.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { ProxyMetrics } from "../telemetry/proxy-metrics.ts";
import { entryPointOptions, udpEntryPointOptions } from "./entry-point-options.ts";
import { createExchangeReport } from "./exchange-report.ts";

/** Of either protocol. */
export type AnyEntryPoint = EntryPoint | UdpEntryPoint;

/** What all entry points of a proxy share. */
export interface EntryPointParts {
  readonly config: StaticConfiguration;
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly deadlines: Deadlines;
  readonly metrics: ProxyMetrics | undefined;
  readonly accessLog: AccessLog | undefined;
}

/** Makes one, which is not open yet. @returns undefined for an address that is none */
export function createEntryPoint(
  name: string,
  definition: EntryPointConfiguration,
  parts: EntryPointParts,
): AnyEntryPoint | undefined {
  return createTcpEntryPoint(name, definition, parts) ?? createUdpEntryPoint(name, definition, parts);
}

function createTcpEntryPoint(
  name: string,
  definition: EntryPointConfiguration,
  { config, runtime, logger, deadlines, metrics, accessLog }: EntryPointParts,
): EntryPoint | undefined {
  const { observability } = definition;
  const report = createExchangeReport({
    logger: logger.with({ entryPointName: name }),
    accessLog: observability.accessLogs === false ? undefined : accessLog,
    meter: observability.metrics === false ? undefined : metrics?.entryPointRequests(name),
    retries: metrics === undefined ? undefined : (service, count) => metrics.retries(service).add(count),
    internals: { metrics: config.metrics.addInternals, accessLog: config.accessLog?.addInternals ?? false },
  });
  const failed = failure(name, logger);
  const options = entryPointOptions(name, definition, { config, runtime, listener: report, failed });
  return options === undefined ? undefined : new EntryPoint(runtime, deadlines, options);
}

function createUdpEntryPoint(
  name: string,
  definition: EntryPointConfiguration,
  { runtime, logger, deadlines }: EntryPointParts,
): UdpEntryPoint | undefined {
  const failed = failure(name, logger);
  const options = udpEntryPointOptions(name, definition, { runtime, failed });
  return options === undefined ? undefined : new UdpEntryPoint(runtime, deadlines, options);
}

function failure(name: string, logger: Logger): (error: ProxyError) => void {
  return (error) => logger.error("the entry point can't be used any more", { entryPointName: name, error });
}
