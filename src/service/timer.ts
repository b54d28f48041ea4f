// Timers that can be replaced by a test's clock.

import type { ServiceContext } from "./context.ts";

/** Runs something once, later. @returns gives it up */
export function runAfter(context: Pick<ServiceContext, "after">, ms: number, run: () => void): () => void {
  if (context.after !== undefined) return context.after(ms, run);
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}
