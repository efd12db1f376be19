/** A device that was asked and has not answered is reminded after this long, in milliseconds. */
const REMIND_AFTER_MS = 60_000;

interface OpenCheck {
  readonly id: string;
  givenMs: number;
}

/** Checks that wait for their device to ask for anything: read from the database now and then, by every instance. */
export class OpenChecks {
  readonly #nowMs: () => number;
  #open = new Map<string, OpenCheck>();
  readonly #sent = new Set<string>();

  /** @param nowMs a monotonic clock in milliseconds. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Those that are open now, by their devices. */
  replace(checks: readonly { readonly id: string; readonly deviceId: string }[]): void {
    const before = this.#open;
    this.#open = new Map(
      checks.map(({ id, deviceId }) => {
        const known = before.get(deviceId);
        return [deviceId, known?.id === id ? known : { id, givenMs: -Infinity }];
      }),
    );
  }

  has(deviceId: string): boolean {
    return this.#open.size > 0 && this.#open.has(deviceId);
  }

  /** The check to give to the device now; undefined where it was given one a moment ago. */
  take(deviceId: string): string | undefined {
    const check = this.#open.get(deviceId);
    if (check === undefined || this.#nowMs() - check.givenMs < REMIND_AFTER_MS) return undefined;
    check.givenMs = this.#nowMs();
    this.#sent.add(check.id);
    return check.id;
  }

  /** Those that were given out since this was last asked. */
  takeSent(): readonly string[] {
    const sent = [...this.#sent];
    this.#sent.clear();
    return sent;
  }
}
