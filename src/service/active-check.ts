// Active health checking: asks one server again and again.

import { discard } from "./discard.ts";
import type { ProxyRequest } from "../http/request.ts";
import type { ProxyResponse } from "../http/response.ts";
import { ProxyError, toProxyError } from "../net/error.ts";
import { judgeHealthAnswer } from "./grpc-health.ts";
import type { ServiceContext } from "./context.ts";
import type { Judge } from "./passive-check.ts";
import { judgeStatus, probeRequest, probeUrl } from "./probe-plan.ts";
import type { ProbePlan, ProbeUrl } from "./probe-plan.ts";
import { authorityOf, defaultPorts } from "./target.ts";
import { runAfter } from "./timer.ts";
import type { ServerProtocol, Target } from "./transport.ts";

const MAX_REDIRECTS = 10; // Go's limit
const JITTER = 0.1; // ± of an interval, so that probes of many servers spread out

/** The probes of one server: the first one at once, each next one an interval after the last answer. */
export class ActiveCheck {
  readonly #plan: ProbePlan;
  readonly #url: ProbeUrl;
  readonly #judge: Judge;
  #context: ServiceContext | undefined = undefined;
  #isUp = true;
  #isOver = false;
  #stopWaiting: (() => void) | undefined = undefined;
  #request: ProxyRequest | undefined = undefined;

  constructor(plan: ProbePlan, server: Target, judge: Judge) {
    this.#plan = plan;
    this.#url = probeUrl(plan, server);
    this.#judge = judge;
  }

  /** Uses this transport and clock from the next probe on; the first call begins. */
  attach(context: ServiceContext): void {
    const isFirst = this.#context === undefined;
    this.#context = context;
    if (isFirst) this.#probe(context);
  }

  /** Ends it, the probe on its way included. */
  dispose(): void {
    this.#isOver = true;
    this.#stopWaiting?.();
    this.#request?.abort(probeError("probe-ended", "the health check is over"));
  }

  #probe(context: ServiceContext): void {
    let isOpen = true;
    const settle = (failure: string | undefined): void => {
      if (!isOpen) return;
      isOpen = false;
      this.#stopWaiting?.();
      this.#settle(failure);
    };
    const { timeoutMs } = this.#plan.check;
    if (timeoutMs > 0) {
      this.#stopWaiting = runAfter(context, timeoutMs, () => {
        settle(`no answer in ${timeoutMs} ms`);
        this.#request?.abort(probeError("probe-timeout", "the health check took too long"));
      });
    }
    this.#ask(context, this.#url, 0).then(settle, (thrown: unknown) => settle(toProxyError(thrown).code));
  }

  /** @returns why the server is not well, or undefined */
  async #ask(context: ServiceContext, url: ProbeUrl, redirects: number): Promise<string | undefined> {
    const request = probeRequest(this.#plan, url, context.now());
    this.#request = request;
    const answer = await context.transport.send(request, url.target);
    const { check } = this.#plan;
    if (check.mode === "grpc") return judgeHealthAnswer(answer, context);
    discard(answer, context);
    const location = check.followRedirects ? locationOf(answer) : undefined;
    if (location === undefined) return judgeStatus(check, answer.status);
    if (redirects === MAX_REDIRECTS) return `more than ${MAX_REDIRECTS} redirects`;
    const next = redirected(url, location);
    return next === undefined
      ? `redirects to ${location}, which can't be checked`
      : this.#ask(context, next, redirects + 1);
  }

  #settle(failure: string | undefined): void {
    if (this.#isOver || this.#context === undefined) return;
    const context = this.#context;
    this.#isUp = failure === undefined;
    this.#judge(this.#isUp, failure ?? "the health check succeeded");
    const { intervalMs, unhealthyIntervalMs } = this.#plan.check;
    const interval = this.#isUp || unhealthyIntervalMs <= 0 ? intervalMs : unhealthyIntervalMs;
    const jitter = 1 + JITTER * (2 * context.random() - 1);
    this.#stopWaiting = runAfter(context, interval * jitter, () => this.#probe(this.#context ?? context));
  }
}

function locationOf(answer: ProxyResponse): string | undefined {
  const isRedirect = [301, 302, 303, 307, 308].includes(answer.status);
  return isRedirect ? answer.headers.first("location") : undefined;
}

function redirected(from: ProbeUrl, location: string): ProbeUrl | undefined {
  const { host, port, protocol: spoken } = from.target;
  const base = `${spoken === "https" ? "https" : "http"}://${from.authority}${from.path}`;
  if (!URL.canParse(location, base)) return undefined;
  const url = new URL(location, base);
  if (url.protocol !== "http:" && url.protocol !== "https:") return undefined;
  const clear = spoken === "h2c" ? "h2c" : "http";
  const protocol: ServerProtocol = url.protocol === "https:" ? "https" : clear;
  const place = { authority: url.host, path: url.pathname, search: url.search };
  // the Host a probe sends may be a made-up one: as long as it stays, so does the server
  const isSame = url.host === from.authority || url.host === authorityOf(host, port, protocol);
  if (isSame && protocol === spoken) return { ...place, target: from.target };
  const name = url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname;
  const target = {
    ...from.target,
    protocol,
    host: name,
    port: Number(url.port || defaultPorts[protocol]),
    authority: url.host,
  };
  return { ...place, target };
}

function probeError(code: string, message: string): ProxyError {
  return new ProxyError(message, { code, source: "internal", status: 504 });
}
