// The listeners of simulated pods: one per pod and port, opened when a Service needs it, closed a little after.

/** An open port. */
export interface OpenBackend {
  readonly port: number;
  close(): Promise<void>;
}

/** What opening gave. */
export type Opened = { readonly port: number } | { readonly failure: string };

const GRACE_MS = 2000; // a proxy may still send to an endpoint that was withdrawn a moment ago

/** Keeps listeners by key. */
export class Backends {
  readonly #open = new Map<string, OpenBackend>();
  readonly #leaving = new Map<string, ReturnType<typeof setTimeout>>();

  /** The listener of that key, opened if need be. */
  async open(key: string, create: () => Promise<OpenBackend>): Promise<Opened> {
    clearTimeout(this.#leaving.get(key));
    this.#leaving.delete(key);
    const known = this.#open.get(key);
    if (known !== undefined) return known;
    try {
      const served = await create();
      this.#open.set(key, served);
      return served;
    } catch (thrown) {
      return { failure: thrown instanceof Error ? thrown.message : String(thrown) };
    }
  }

  /** Closes every listener whose key is not wanted any more, after a moment of grace. */
  retain(wanted: ReadonlySet<string>): void {
    for (const key of this.#open.keys()) {
      if (wanted.has(key) || this.#leaving.has(key)) continue;
      this.#leaving.set(key, setTimeout(() => this.#close(key), GRACE_MS));
    }
  }

  /** Closes all at once. */
  async stop(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((key) => this.#close(key)));
  }

  async #close(key: string): Promise<void> {
    const served = this.#open.get(key);
    clearTimeout(this.#leaving.get(key));
    this.#leaving.delete(key);
    this.#open.delete(key);
    await served?.close();
  }
}
