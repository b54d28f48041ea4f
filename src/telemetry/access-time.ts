// Dates of access log lines. Texts that change once a second are made once a second.

/** When one request began, in the spellings the formats need. */
export interface LineTime {
  /** `20/Nov/2026:10:25:27 +0000` */
  clfUtc(): string;
  /** The same in the system's time zone. */
  clfLocal(): string;
  /** `2026-11-20T10:25:27.123Z` */
  isoUtc(): string;
  /** `2026-11-20T11:25:27.123+01:00` */
  isoLocal(): string;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A clock that is set to one request after the other. */
export class LineClock implements LineTime {
  #ms = 0;
  #utcSecond = -1;
  #clfUtc = "";
  #isoUtc = "";
  #localSecond = -1;
  #clfLocal = "";
  #isoLocal: readonly [date: string, zone: string] = ["", ""];

  /** @param ms milliseconds since 1970 */
  set(ms: number): this {
    this.#ms = Math.floor(ms);
    return this;
  }

  clfUtc(): string {
    this.#refreshUtc();
    return this.#clfUtc;
  }

  isoUtc(): string {
    this.#refreshUtc();
    return `${this.#isoUtc}.${this.#millis()}Z`;
  }

  clfLocal(): string {
    this.#refreshLocal();
    return this.#clfLocal;
  }

  isoLocal(): string {
    this.#refreshLocal();
    return `${this.#isoLocal[0]}.${this.#millis()}${this.#isoLocal[1]}`;
  }

  #millis(): string {
    return String(this.#ms % 1000).padStart(3, "0");
  }

  #refreshUtc(): void {
    const second = Math.floor(this.#ms / 1000);
    if (second === this.#utcSecond) return;
    this.#utcSecond = second;
    this.#isoUtc = new Date(second * 1000).toISOString().slice(0, 19);
    this.#clfUtc = toClf(this.#isoUtc, "+0000");
  }

  #refreshLocal(): void {
    const second = Math.floor(this.#ms / 1000);
    if (second === this.#localSecond) return;
    this.#localSecond = second;
    const minutes = -new Date(second * 1000).getTimezoneOffset();
    const iso = new Date((second + minutes * 60) * 1000).toISOString().slice(0, 19);
    const hours = `${minutes < 0 ? "-" : "+"}${twoDigits(Math.floor(Math.abs(minutes) / 60))}`;
    const rest = twoDigits(Math.abs(minutes) % 60);
    this.#isoLocal = [iso, minutes === 0 ? "Z" : `${hours}:${rest}`];
    this.#clfLocal = toClf(iso, `${hours}${rest}`);
  }
}

/** @param iso `2026-11-20T10:25:27` */
function toClf(iso: string, zone: string): string {
  const month = MONTHS[Number(iso.slice(5, 7)) - 1] ?? "";
  return `${iso.slice(8, 10)}/${month}/${iso.slice(0, 4)}:${iso.slice(11)} ${zone}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
