import { Connection } from './connection.ts';
import { asleepMs, isAwake, nextWake } from './duty.ts';
import type { Duty, Wake } from './duty.ts';
import { Follower } from './follower.ts';
import { Outbox } from './outbox.ts';
import type { Place } from './outbox.ts';
import { Person } from './person.ts';
import type { Tally } from './step.ts';
import { wait, within } from './wait.ts';

/** What a device needs from outside. */
export interface DeviceParts {
  readonly origin: string;
  /** Which one it is; its address follows from it. */
  readonly number: number;
  readonly place: Place;
  readonly duty: Duty;
  readonly random: () => number;
  /** The tally of the step that is under way. */
  readonly tally: () => Tally;
}

/** How long the network is away when it flaps. */
const FLAP_MS = 1_000;

/** A simulated device: it sleeps, wakes, catches up, follows, reports, and loses the network now and then. */
export class Device {
  readonly #parts: DeviceParts;
  readonly #connection: Connection;
  readonly #followers: readonly Follower[];
  readonly #outbox: Outbox;
  awake = false;
  /** Aborted while there is no network. */
  #sending: AbortSignal = AbortSignal.abort();

  constructor(parts: DeviceParts) {
    const { origin, number, place, tally, random } = parts;
    this.#parts = parts;
    // A network of its own for each: what is limited by address must not be what limits.
    this.#connection = new Connection(
      origin,
      `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`,
    );
    const person = new Person(this.#connection, tally);
    const session = crypto.randomUUID();
    this.#followers = [
      `incidents?region=${place.region}&session=${session}`,
      `my_mutations?session=${session}`,
    ].map((shape) => new Follower(person, tally, `/v1/shapes/${shape}`));
    this.#outbox = new Outbox(person, tally, place, random);
  }

  /** Reports that the server has said it has applied, and those that wait. */
  get reports(): { readonly settled: number; readonly pending: number } {
    return { settled: this.#outbox.settled, pending: this.#outbox.pending };
  }

  /** Lives until `signal` aborts. */
  async live(signal: AbortSignal): Promise<void> {
    const { duty, random } = this.#parts;
    if (!isAwake(duty, random)) await wait(asleepMs(duty, random), signal);
    while (!signal.aborted) {
      await this.#wake(nextWake(duty, random), signal);
      await wait(asleepMs(duty, random), signal);
    }
  }

  /** Sends what is left, once nothing else is asked. */
  async finish(signal: AbortSignal): Promise<void> {
    await this.#outbox.deliver(signal);
    this.#connection.cut();
  }

  async #wake({ awakeMs, queued, reportAtMs, flapAtMs }: Wake, signal: AbortSignal): Promise<void> {
    this.awake = true;
    for (let n = 0; n < queued; n += 1) this.#outbox.report();
    await within(awakeMs, signal, async (asleep) => {
      const reporting = reportAtMs === undefined ? undefined : this.#reportAt(reportAtMs, asleep);
      if (flapAtMs !== undefined) {
        await within(flapAtMs, asleep, (gone) => this.#online(gone));
        await wait(FLAP_MS, asleep);
      }
      await this.#online(asleep);
      await reporting;
    });
    this.awake = false;
  }

  /** Follows and sends while the network is there; then all that is under way is cut off. */
  async #online(gone: AbortSignal): Promise<void> {
    const cut = () => this.#connection.cut();
    gone.addEventListener('abort', cut, { once: true });
    this.#sending = gone;
    await Promise.all([
      this.#outbox.deliver(gone),
      ...this.#followers.map((follower) => follower.follow(gone)),
    ]);
    gone.removeEventListener('abort', cut);
    cut();
  }

  async #reportAt(ms: number, asleep: AbortSignal): Promise<void> {
    await wait(ms, asleep);
    this.#outbox.report();
    await this.#outbox.deliver(this.#sending);
  }
}
