// Waiting that can be given up.

/**
 * Resolves after some milliseconds, or as soon as the signal aborts; never rejects, and leaves no timer behind.
 * @param ms 0 still lets other work run first
 */
export function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
