// A service that answers with one service and sends copies of requests to others.

import type { Mirroring } from "../config/dynamic.ts";
import { BytesBody } from "../http/body.ts";
import type { Body } from "../http/body.ts";
import type { ProxyRequest } from "../http/request.ts";
import type { ProxyResponse } from "../http/response.ts";
import { findChild } from "./children.ts";
import type { BuiltService, MirrorDrop, ServiceContext, ServiceProblem } from "./context.ts";
import { MirrorCopy } from "./mirror-copy.ts";
import { CopySet, isCopySet, isMirrorCount, MirrorCount } from "./mirror-state.ts";
import type { Service } from "./service.ts";
import { Tee } from "./tee.ts";
import type { TeeBranch } from "./tee.ts";

const FULL_PERCENT = 100;
/** Headers that speak of a body, for copies sent without one. */
const bodyHeaders: ReadonlySet<string> = new Set(["content-length", "transfer-encoding", "trailer", "expect"]);

interface Mirror {
  readonly service: Service;
  readonly percent: number;
  readonly count: MirrorCount;
}

/**
 * Builds a mirroring service. A mirror that is missing or wrong is left out with a problem.
 * @throws {ProxyError} when the main service is missing
 */
export function createMirroring(key: string, config: Mirroring, context: ServiceContext): BuiltService {
  const problems: ServiceProblem[] = [];
  const main = context.child(config.service);
  const mirrors = createMirrors(key, config, context, problems);
  const copier = new MirrorHandler(key, config, context, { main, mirrors });
  const service: Service = {
    name: context.name,
    handler: mirrors.length === 0 ? main.handler : (request) => copier.handle(request),
    available: () => main.available(),
    serverStatus: () => ({}),
  };
  return { service, problems };
}

function createMirrors(
  key: string,
  config: Mirroring,
  context: ServiceContext,
  problems: ServiceProblem[],
): Mirror[] {
  const mirrors: Mirror[] = [];
  for (const [index, { name, percent }] of config.mirrors.entries()) {
    const path = ["mirrors", index];
    if (!(percent >= 0 && percent <= FULL_PERCENT)) {
      const message = `percent ${percent} of the mirror "${name}" is not between 0 and 100`;
      const hint = "this mirror gets no copies";
      problems.push({ severity: "error", code: "bad-percent", message, hint, path: [...path, "percent"] });
      continue;
    }
    const hint = "the main service goes on without this mirror";
    const service = findChild(context, { name, path: [...path, "name"], hint }, problems);
    if (service === undefined) continue;
    // the share is part of the key: a counter of another share would first catch up, in a burst
    const place = config.mirrors.slice(0, index).filter((other) => other.name === name).length;
    const stateKey = `mirror ${JSON.stringify([key, name, place, percent])}`;
    const count = context.state.take(stateKey, isMirrorCount, () => new MirrorCount());
    mirrors.push({ service, percent, count });
  }
  return mirrors;
}

/** Who answers, and who gets copies. */
interface Parties {
  readonly main: Service;
  readonly mirrors: readonly Mirror[];
}

class MirrorHandler {
  readonly #config: Mirroring;
  readonly #context: ServiceContext;
  readonly #main: Service;
  readonly #mirrors: readonly Mirror[];
  readonly #copies: CopySet;

  constructor(key: string, config: Mirroring, context: ServiceContext, parties: Parties) {
    this.#config = config;
    this.#context = context;
    this.#main = parties.main;
    this.#mirrors = parties.mirrors;
    this.#copies = context.state.take(`mirror-copies ${key}`, isCopySet, () => new CopySet());
  }

  handle(request: ProxyRequest): ProxyResponse | Promise<ProxyResponse> {
    const copies = this.#copiesFor(request);
    if (copies === undefined) return this.#main.handler(request);
    try {
      return this.#main.handler(request);
    } finally {
      // in the same turn, but after the main: it must not wait even for the mirrors' dialling
      for (const copy of copies) copy.send(this.#context);
    }
  }

  /** Counts the request, and makes the copies that are due while nobody has changed it yet. */
  #copiesFor(request: ProxyRequest): MirrorCopy[] | undefined {
    let due: Mirror[] | undefined;
    for (const mirror of this.#mirrors) {
      if (mirror.count.isDue(mirror.percent)) (due ??= []).push(mirror);
    }
    // a tunnel has two ends; a third one can only disturb it
    if (due === undefined || request.upgrade !== undefined) return undefined;
    const { body } = request;
    if (body === undefined) return this.#makeCopies(due, request, () => undefined);
    if (!this.#config.mirrorBody) return this.#copiesWithoutBody(due, request);
    const { maxBodySize } = this.#config;
    if (maxBodySize >= 0 && body.length !== undefined && body.length > maxBodySize) return undefined;
    return this.#copiesWithBody(due, request, body);
  }

  #copiesWithoutBody(due: readonly Mirror[], request: ProxyRequest): MirrorCopy[] {
    const copies = this.#makeCopies(due, request, () => undefined);
    for (const copy of copies) copy.request.headers.deleteWhere((key) => bodyHeaders.has(key));
    return copies;
  }

  #copiesWithBody(due: readonly Mirror[], request: ProxyRequest, body: Body): MirrorCopy[] | undefined {
    const { maxBodySize } = this.#config;
    const whole = body.takeWhole();
    if (whole !== undefined) {
      const { trailers } = body;
      request.body = new BytesBody(whole, trailers);
      if (maxBodySize >= 0 && whole.length > maxBodySize) return undefined;
      return this.#makeCopies(due, request, () => new BytesBody(whole, trailers));
    }
    const tee = new Tee(body, maxBodySize);
    request.body = tee;
    request.onAbort((reason) => tee.abandon(reason));
    return this.#makeCopies(due, request, () => tee.branch());
  }

  #makeCopies(due: readonly Mirror[], request: ProxyRequest, bodyOf: () => TeeBranch | Body | undefined): MirrorCopy[] {
    const copies: MirrorCopy[] = [];
    for (const { service } of due) {
      const now = this.#context.now();
      if (!this.#copies.hasRoom(now)) {
        this.#dropped(service.name, "busy");
        continue;
      }
      const copied = request.copy(bodyOf());
      const copy = new MirrorCopy(copied, service, now, (error) => {
        this.#copies.inFlight.delete(copy);
        if (error?.code === "mirror-too-slow") this.#dropped(service.name, "slow");
        else if (error !== undefined) this.#context.logger.debug("the mirror failed", { mirror: service.name, error });
      });
      this.#copies.inFlight.add(copy);
      copies.push(copy);
    }
    return copies;
  }

  #dropped(mirror: string, reason: MirrorDrop): void {
    this.#copies.dropped++;
    this.#context.onMirrorDropped?.(mirror, reason);
    this.#context.logger.debug("dropped a mirrored copy", { mirror, reason, dropped: this.#copies.dropped });
  }
}
