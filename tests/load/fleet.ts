import { setMaxListeners } from 'node:events';
import { Device } from './device.ts';
import { FIELD_DUTY } from './duty.ts';
import type { Place } from './outbox.ts';
import { Tally } from './step.ts';
import { wait } from './wait.ts';

const OBSERVE_EVERY_MS = 250;
/** Arrivals of a step are spread over this share of it. */
const ARRIVING = 0.4;
const FINISH_WITHIN_MS = 60_000;

/** All devices, and what they count. */
export class Fleet {
  readonly #origin: string;
  readonly #places: readonly Place[];
  readonly #stop = new AbortController();
  readonly #devices: Device[] = [];
  readonly #lives: Promise<void>[] = [];
  #tally = new Tally();

  constructor(origin: string, places: readonly Place[]) {
    this.#origin = origin;
    this.#places = places;
    // Each device listens a few times.
    setMaxListeners(0, this.#stop.signal);
  }

  /** A device has met with a fault, which `finish` rejects with. */
  get hasStopped(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Lets further devices come until there are `devices`, spread over the first part of so many milliseconds. */
  async grow(devices: number, stepMs: number): Promise<void> {
    const further = devices - this.#devices.length;
    const arrivingMs = ARRIVING * stepMs;
    const beganAt = performance.now();
    for (let n = 0; n < further; n += 1) {
      await wait(beganAt + (arrivingMs * n) / further - performance.now(), this.#stop.signal);
      if (this.#stop.signal.aborted) return;
      this.#add();
    }
    await wait(beganAt + arrivingMs - performance.now(), this.#stop.signal);
  }

  /** Counts for the rest of a step. Resolves with the tally, how long that was, and how many were awake on average. */
  async observe(stepMs: number): Promise<{ tally: Tally; seconds: number; awake: number }> {
    const tally = (this.#tally = new Tally());
    const beganAt = performance.now();
    const endsAt = beganAt + (1 - ARRIVING) * stepMs;
    let looks = 0;
    let awake = 0;
    while (performance.now() < endsAt && !this.#stop.signal.aborted) {
      looks += 1;
      awake += this.#devices.filter((device) => device.awake).length;
      await wait(Math.min(OBSERVE_EVERY_MS, endsAt - performance.now()), this.#stop.signal);
    }
    this.#tally = new Tally();
    return { tally, seconds: (performance.now() - beganAt) / 1_000, awake: awake / looks };
  }

  /** Ends all waits, and sends what is left in outboxes. Resolves with how many reports were settled, and how many were not. */
  async finish(): Promise<{ settled: number; pending: number }> {
    this.#stop.abort();
    await Promise.all(this.#lives);
    const until = AbortSignal.timeout(FINISH_WITHIN_MS);
    await Promise.all(this.#devices.map((device) => device.finish(until)));
    const reports = this.#devices.map((device) => device.reports);
    const sum = (count: (one: (typeof reports)[number]) => number) =>
      reports.reduce((all, one) => all + count(one), 0);
    return { settled: sum(({ settled }) => settled), pending: sum(({ pending }) => pending) };
  }

  #add(): void {
    const device = new Device({
      origin: this.#origin,
      number: this.#devices.length + 1,
      place: this.#places[Math.floor(Math.random() * this.#places.length)]!,
      duty: FIELD_DUTY,
      random: Math.random,
      tally: () => this.#tally,
    });
    this.#devices.push(device);
    this.#lives.push(device.live(this.#stop.signal));
    // Told by `finish`; nothing goes on meanwhile.
    this.#lives.at(-1)!.catch(() => this.#stop.abort());
  }
}
