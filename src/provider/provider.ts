// The one interface of all sources of dynamic configuration.

import type { DynamicConfiguration } from "../config/dynamic.ts";
import type { Problem } from "../schema/problem.ts";

/** What a provider knows at one moment. */
export interface ProviderState {
  readonly configuration: DynamicConfiguration;
  /** What was wrong with its sources; the parts concerned are left out of the configuration. */
  readonly problems: readonly Problem[];
}

/** A source of dynamic configuration. */
export interface Provider {
  /** The part behind `@` in qualified names: `file`, `kubernetescrd`. */
  readonly name: string;
  /**
   * Begins to watch; returns at once. `update` is called with each complete new state, and never with an
   * empty one merely because the source can't be read.
   */
  start(update: (state: ProviderState) => void): void;
  /** Looks at its sources again, for those who ask (SIGHUP). Absent: it hears of every change anyway. */
  reload?(): void;
  /** Told after each build what is wrong with the configuration in force, of all providers, for those who pass it on. */
  judged?(problems: readonly Problem[]): void;
  /** Stops watching and frees everything. */
  stop(): Promise<void>;
}
