import type { Overview } from '@halo/shapes/protocol/inspector.ts';

/** What is kept of one look at the overview. */
export interface Look {
  readonly atMs: number;
  readonly devices: Overview['devices'];
  /** Of the instance that is furthest behind, in seconds; undefined while it is not known. */
  readonly lagSeconds: number | undefined;
}

/** Looks that are kept: an hour of one every five seconds. */
const MAX_LOOKS = 720;

/** What this window has seen since it was opened; Halo itself keeps no history of states. */
export class History {
  #looks: readonly Look[] = [];
  readonly #listeners = new Set<() => void>();

  readonly read = (): readonly Look[] => this.#looks;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Keeps a look; one that was kept already is not kept twice. */
  add(overview: Overview): void {
    const atMs = Date.parse(overview.at);
    if (this.#looks.at(-1)?.atMs === atMs) return;
    this.#looks = [...this.#looks.slice(1 - MAX_LOOKS), lookOf(overview, atMs)];
    for (const listener of this.#listeners) listener();
  }
}

function lookOf({ devices, instances }: Overview, atMs: number): Look {
  const there = instances.filter(({ state }) => state !== 'gone');
  const lags = there.map(({ lagSeconds }) => lagSeconds);
  // Where one is not known the whole is not: never the best of the others.
  const isKnown = lags.length > 0 && lags.every((lag) => lag !== null);
  return { atMs, devices, lagSeconds: isKnown ? Math.max(...lags) : undefined };
}
