// One door for all requests to an API server: how many may wait for an answer, and how seldom while it fails.

import type { Logger } from "../../../telemetry/logger.ts";
import type { Clock } from "./clock.ts";

/** What every message about a failure ends with. */
export const KEPT = "; what was read before stays in force";

const UNANSWERED = 8; // requests on their way at once, to a server that works
const RAMP_END = 8; // requests at once, unproven, after which a server that had failed is believed
const TRUST_STEPS = 10; // for which a success speaks for the server; a start may keep the processor busy for some
const STEP_LEAST = 1.12; // steps between two requests: nine of them are longer than ten seconds
const STEP_SPREAD = 0.25; // steps more, by chance, so that many weirs don't ask at the same time

/** A permission to send requests. Its holder says how it went, once; what is said later is not heard. */
export interface Turn {
  /**
   * Another request under the same turn: the next page, or the watch after the list.
   * @returns whether it may be sent; always, unless its answer had begun and too many others are on their way
   */
  again(): boolean;
  /** The answer began: somebody else may send meanwhile. */
  answered(): void;
  /** Nothing more will be said; everybody who entered must leave. */
  left(): void;
  /** The server does what it should: everybody may go. */
  succeeded(): void;
  /** It does not. @param waitMs what it asked to be left alone for */
  failed(waitMs?: number): void;
}

/** What a turn begins with. */
interface Permit {
  /** Among the unanswered. */
  isCounted: boolean;
  /** Requests so far. */
  sent: number;
  /** Number of doubts before it. */
  readonly doubts: number;
  /** Among those that may show that a server which had failed works again. */
  isTrial: boolean;
}

interface Waiter {
  readonly go: (permit: Permit) => void;
  /** Not before, unless the server recovers. */
  dueAt: number;
}

/**
 * ```
 *            unsure: one goes ahead, the others wait for what becomes of it
 *   failed() │  │ succeeded()  ▲ ten steps later, or doubt()
 *            │  ▼              │
 *            │  fine: up to 8 unanswered requests; after trouble 1, 2, 4, 8 as each shows that it went well
 *            ▼  ▲
 *            troubled: one request per 1.12 to 1.37 s, probes and pages counted
 * ```
 * When a server dies, all watches break at once: without the first rule each of them would ask it once more.
 */
export class RetryGate {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #waiters: Set<Waiter>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #unanswered: number;
  #isTroubled: boolean;
  #isDown: boolean;
  /** While troubled: when the next request may leave. */
  #nextAt: number;
  /** Until then the next request is to be a probe. */
  #reservedUntil: number;
  /** When the server was last seen to work. */
  #goodAt: number;
  /** How many watches have ended. */
  #doubts: number;
  /** Who went ahead of the others, until it is known what became of it. */
  #ahead: Permit | undefined;
  /** How many trials may be under way; Infinity: nobody is on trial. */
  #ramp: number;
  #trials: number;

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
    this.#waiters = new Set();
    this.#timer = undefined;
    this.#unanswered = 0;
    this.#isTroubled = false;
    this.#isDown = false;
    this.#nextAt = 0;
    this.#reservedUntil = 0;
    this.#goodAt = -Infinity;
    this.#doubts = 0;
    this.#ahead = undefined;
    this.#ramp = Infinity;
    this.#trials = 0;
  }

  /** Whether the server hangs, or says that it fails, as far as is known. */
  get isTroubled(): boolean {
    return this.#isTroubled;
  }

  /** The API server does not answer at all: said once, until it does. */
  outage(message: string): void {
    if (this.#isDown) return;
    this.#isDown = true;
    this.#logger.error(`Kubernetes API: ${message}${KEPT}`);
  }

  /**
   * Resolves when it is the caller's turn, or when the signal aborts.
   * @param waitMs at least so long, unless the server recovers before
   */
  async enter(signal: AbortSignal, waitMs = 0): Promise<Turn> {
    const permit = waitMs > 0 ? undefined : this.#take();
    return this.#createTurn(permit ?? await this.#queue(signal, waitMs));
  }

  /**
   * For a probe, at once or not at all. One that is refused while the server fails goes before everybody else.
   * @returns whether it may be sent
   */
  tryTake(): boolean {
    if (!this.#isTroubled) return true;
    if (this.#clock.now() < this.#nextAt) {
      this.#reservedUntil = this.#nextAt + this.#clock.stepMs; // the guard looks more often than that
      return false;
    }
    this.#reservedUntil = 0;
    this.#charge();
    return true;
  }

  /** Something else showed that the server works. */
  alive(): void {
    this.#goodAt = this.#clock.now();
    this.#letGo();
  }

  /** A watch has ended: perhaps all do, and the server with them. */
  doubt(): void {
    this.#doubts++;
    this.#goodAt = -Infinity;
  }

  /**
   * The server hangs, or says that it fails.
   * @param waitMs what it asked to be left alone for
   * @param sent requests that it was sent before
   */
  trouble(waitMs = 0, sent = 1): void {
    const now = this.#clock.now();
    // The first failure after a good while may be a broken connection: the next try need not wait.
    if (!this.#isTroubled) this.#nextAt = Math.max(this.#nextAt, now + (sent - 1) * this.#clock.stepMs * STEP_LEAST);
    this.#isTroubled = true;
    this.#nextAt = Math.max(this.#nextAt, now + waitMs);
    this.#arm();
  }

  /** @returns undefined when the caller may not go */
  #take(): Permit | undefined {
    if (this.#isTroubled) {
      if (this.#waiters.size > 0 || this.#clock.now() < this.#openAt) return undefined;
      this.#charge();
    } else if (!this.#isOpen) return undefined;
    return this.#begin();
  }

  #begin(): Permit {
    const isTrial = !this.#isTroubled && this.#ramp !== Infinity;
    const permit: Permit = { isCounted: true, sent: 1, doubts: this.#doubts, isTrial };
    this.#unanswered++;
    if (isTrial) this.#trials++;
    if (!this.#isTroubled && !this.#isTrusted) this.#ahead = permit;
    return permit;
  }

  /** While all is well: whether one more may go. */
  get #isOpen(): boolean {
    if (this.#unanswered >= UNANSWERED || this.#trials >= this.#ramp) return false;
    return this.#ahead === undefined || this.#isTrusted;
  }

  get #isTrusted(): boolean {
    return this.#clock.now() - this.#goodAt < TRUST_STEPS * this.#clock.stepMs;
  }

  /** While troubled: when somebody may go. */
  get #openAt(): number {
    return Math.max(this.#nextAt, this.#reservedUntil);
  }

  #charge(): void {
    const { now, stepMs, random } = this.#clock;
    this.#nextAt = Math.max(now(), this.#nextAt) + stepMs * (STEP_LEAST + random() * STEP_SPREAD);
  }

  #queue(signal: AbortSignal, waitMs: number): Promise<Permit> {
    return new Promise((resolve) => {
      const nothing: Permit = { isCounted: false, sent: 0, doubts: 0, isTrial: false };
      if (signal.aborted) return resolve(nothing);
      const waiter: Waiter = {
        dueAt: this.#clock.now() + waitMs,
        go: (permit) => {
          this.#waiters.delete(waiter);
          signal.removeEventListener("abort", giveUp);
          resolve(permit);
        },
      };
      const giveUp = () => waiter.go(nothing);
      signal.addEventListener("abort", giveUp);
      this.#waiters.add(waiter);
      this.#arm();
    });
  }

  #createTurn(permit: Permit): Turn {
    let isOver = false;
    const answered = () => {
      if (!permit.isCounted) return;
      permit.isCounted = false;
      this.#unanswered--;
      this.#letGo();
    };
    const over = (told: () => void) => () => {
      if (this.#ahead === permit) this.#ahead = undefined;
      if (permit.isTrial) this.#trials--;
      permit.isTrial = false;
      if (!isOver) told();
      isOver = true;
      answered();
    };
    return {
      again: () => {
        if (this.#isTroubled) this.#charge();
        else if (!permit.isCounted && this.#unanswered >= UNANSWERED) return false;
        if (!permit.isCounted) this.#unanswered++;
        permit.isCounted = true;
        permit.sent++;
        return true;
      },
      answered,
      left: over(() => this.#letGo()),
      succeeded: over(() => this.#recover(permit)),
      failed: (waitMs = 0) => over(() => this.trouble(waitMs, permit.sent))(),
    };
  }

  /** What was asked before a doubt arose does not remove it. */
  #recover({ doubts }: Permit): void {
    if (this.#isDown) this.#logger.info("Kubernetes API: answers again");
    this.#isDown = false;
    if (this.#isTroubled || doubts === this.#doubts) this.#goodAt = this.#clock.now();
    if (!this.#isTroubled) {
      this.#ramp = this.#ramp >= RAMP_END ? Infinity : 2 * this.#ramp;
      return this.#letGo();
    }
    this.#isTroubled = false;
    this.#ramp = 1;
    this.#reservedUntil = 0;
    for (const waiter of this.#waiters) waiter.dueAt = 0;
    this.#letGo();
  }

  /** Lets those go whose time has come, as many as may. */
  #letGo(): void {
    const now = this.#clock.now();
    for (const waiter of [...this.#waiters]) {
      if (this.#isTroubled ? now < this.#openAt : !this.#isOpen) break;
      if (now < waiter.dueAt) continue;
      if (this.#isTroubled) this.#charge();
      waiter.go(this.#begin());
    }
    this.#arm();
  }

  /** One timer, for whoever may go next. */
  #arm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiters.size === 0 || (!this.#isTroubled && !this.#isOpen)) return;
    let dueAt = Infinity;
    for (const waiter of this.#waiters) dueAt = Math.min(dueAt, waiter.dueAt);
    if (this.#isTroubled) dueAt = Math.max(dueAt, this.#openAt);
    this.#timer = setTimeout(() => this.#letGo(), Math.max(0, dueAt - this.#clock.now()));
  }
}
