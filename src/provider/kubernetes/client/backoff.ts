// How long one kind waits before it tries again.

const FIRST_MS = 800; // client-go's first step
const CAP_MS = 3000; // not client-go's 30 s: traffic must follow within 5 s of the API server's return

/** Doubles from 400–800 ms up to 1.5–3 s. @param failures how many there were before this one */
export function backoffMs(failures: number, random: () => number): number {
  const full = Math.min(CAP_MS, FIRST_MS * 2 ** Math.min(failures, 10));
  return full * (0.5 + random() / 2);
}
