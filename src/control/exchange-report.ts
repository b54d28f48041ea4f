// What happens when an exchange is over: counters and the access log.

import type { ExchangeEnd } from "../entrypoint/http1-server.ts";
import type { ProxyRequest } from "../http/request.ts";
import type { Meter, RequestProtocol } from "../http/sample.ts";
import type { Address } from "../net/connection.ts";
import type { ProxyError } from "../net/error.ts";
import type { AccessLog } from "../telemetry/access-log.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { ExchangeListener } from "./entry-point-options.ts";

const EVENT_STREAM = "text/event-stream";

/** Where reports go; what is absent is switched off. */
export interface ReportTargets {
  readonly logger: Logger;
  readonly accessLog: AccessLog | undefined;
  /** Counters of the entry point. */
  readonly meter: Meter | undefined;
  /** Counts tries beyond the first; absent when metrics are off altogether. */
  readonly retries: ((service: string, count: number) => void) | undefined;
  /** Traefik's `addInternals`: whether requests to weir's own services are counted, and logged. */
  readonly internals: { readonly metrics: boolean; readonly accessLog: boolean };
}

/** Makes the listener of one entry point. */
export function createExchangeReport(targets: ReportTargets): ExchangeListener {
  const { logger, accessLog, meter, retries, internals } = targets;
  const silent = accessLog === undefined && retries === undefined;
  return {
    finished: silent ? noReport : (request, end) => {
      const { record } = request;
      const durationMs = performance.now() - record.startedAt;
      const internal = record.serviceName.endsWith("@internal");
      if (retries !== undefined && (!internal || internals.metrics)) {
        count(request, end, durationMs, meter);
        if (record.retries > 0) retries(record.serviceName, record.retries);
      }
      if (accessLog === undefined || (internal && !internals.accessLog)) return;
      accessLog.log({
        request,
        status: end.status,
        responseHeaders: end.headers,
        requestBytes: end.requestBytes,
        responseBytes: end.responseBytes,
        durationMs,
        requestHeaders: record.requestHeaders,
        originHeaders: record.originHeaders,
      });
    },
    failed: (error, request) => logFailure(logger, error, request),
    refused: (error, remote, request) => logRefusal(logger, error, remote, request),
    rejected: (reason, { ip, port }) => {
      if (logger.enabled("DEBUG")) logger.debug(`rejected: ${reason}`, { clientAddr: `${ip}:${port}` });
    },
  };
}

function noReport(): void {
  // neither metrics nor access log are on
}

function count(request: ProxyRequest, end: ExchangeEnd, durationMs: number, meter: Meter | undefined): void {
  const { routerMeter, serviceMeter } = request.record;
  const sample = {
    status: end.status,
    method: request.method,
    protocol: protocolOf(request),
    seconds: durationMs / 1000,
    requestBytes: end.requestBytes,
    responseBytes: end.responseBytes,
  };
  meter?.observe(sample);
  routerMeter?.observe(sample);
  serviceMeter?.observe(sample);
  if (request.tls === undefined) return;
  const { version, cipher } = request.tls;
  meter?.observeTls(version, cipher);
  routerMeter?.observeTls(version, cipher);
  serviceMeter?.observeTls(version, cipher);
}

function protocolOf(request: ProxyRequest): RequestProtocol {
  if (request.upgrade === "websocket") return "websocket";
  const { headers } = request;
  // Looking for the text first leaves the headers of nearly all requests uncut.
  return headers.toText().includes(EVENT_STREAM) && headers.first("accept") === EVENT_STREAM ? "sse" : "http";
}

function logFailure(logger: Logger, error: ProxyError, request: ProxyRequest | undefined): void {
  const level = error.source === "internal" ? "error" : "debug";
  if (!logger.enabled(level === "error" ? "ERROR" : "DEBUG")) return;
  const { record } = request ?? {};
  logger[level](error.message, {
    code: error.code,
    status: error.status,
    routerName: record?.routerName,
    serviceName: record?.serviceName,
    serverUrl: record?.serverUrl,
    error: error.cause ?? error,
  });
}

function logRefusal(logger: Logger, error: ProxyError, remote: Address, request: ProxyRequest | undefined): void {
  if (!logger.enabled("DEBUG")) return;
  logger.debug(`refused: ${error.message}`, {
    code: error.code,
    status: error.status,
    clientAddr: `${remote.ip}:${remote.port}`,
    method: request?.method,
  });
}
