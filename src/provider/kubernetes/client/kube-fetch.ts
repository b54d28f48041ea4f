// The one call the client makes; tests and TLS set-ups bring their own.

/** What a request carries. */
export interface KubeRequestInit {
  readonly method: "GET";
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** A function of the shape of `fetch`. */
export type KubeFetch = (url: string, init: KubeRequestInit) => Promise<Response>;

/**
 * The global `fetch`, on purpose looked up at each call. Its body timeouts (300 s on Node, 360 s on Bun, measured)
 * do no harm: a watch ends itself earlier.
 */
export const globalFetch: KubeFetch = (url, init) => fetch(url, init);
