// Whether a server's versions went back for good: a backup was restored, and what it knows now is all there is.

const LIMIT = 5; // older versions in a row, of whatever kinds, until that is believed

/** What is known of one server's resourceVersions, which all kinds share. */
export class ServerHistory {
  #restores = 0;
  #older = 0;

  /** How many times the server was found to have been restored. */
  get restores(): number {
    return this.#restores;
  }

  /** A version came that is no older than what was seen of its kind. */
  confirmed(): void {
    this.#older = 0;
  }

  /** An older one came: a replica that lags behind, or a restored server. @returns whether it is taken for the latter */
  wentBack(): boolean {
    if (++this.#older <= LIMIT) return false;
    this.#older = 0;
    this.#restores++;
    return true;
  }
}
