import { MAX_BATCH_MUTATIONS } from '@halo/shapes/protocol/batch-limits.ts';
import type { Mutation, MutationBatchResult } from '@halo/shapes/protocol/mutation-batch.ts';
import { uuidv7 } from 'uuidv7';
import type { Person } from './person.ts';
import type { Tally } from './step.ts';

/** A place that reports are made at. */
export interface Place {
  readonly region: string;
  readonly lat: number;
  readonly lon: number;
}

const TYPES = ['theft', 'assault', 'fire', 'traffic_accident'] as const;
/** Within some kilometres of the place. */
const SPREAD_DEGREES = 0.06;

/** What a device has reported and the server has not settled; the same is sent again until it has. */
export class Outbox {
  readonly #person: Person;
  readonly #tally: () => Tally;
  readonly #place: Place;
  readonly #random: () => number;
  readonly #deviceId = crypto.randomUUID();
  #seq = 0;
  #pending: Mutation[] = [];
  #isDelivering = false;
  /** Reports that the server has said it has applied. */
  settled = 0;

  constructor(person: Person, tally: () => Tally, place: Place, random: () => number) {
    this.#person = person;
    this.#tally = tally;
    this.#place = place;
    this.#random = random;
  }

  get pending(): number {
    return this.#pending.length;
  }

  report(): void {
    const createdAt = new Date().toISOString();
    const off = () => (this.#random() - 0.5) * SPREAD_DEGREES;
    this.#seq += 1;
    this.#pending.push({
      seq: this.#seq,
      id: uuidv7(),
      type: 'report.create',
      createdAt,
      args: {
        type: TYPES[Math.floor(this.#random() * TYPES.length)],
        severity: 1 + Math.floor(this.#random() * 5),
        occurredAt: createdAt,
        description: `Something happened here, as device ${this.#deviceId} saw it`,
        location: { lat: this.#place.lat + off(), lon: this.#place.lon + off(), accuracyM: 15 },
      },
    });
  }

  /** Sends until all is settled, or `signal` aborts. */
  async deliver(signal: AbortSignal): Promise<void> {
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    try {
      while (this.#pending.length > 0 && !signal.aborted) await this.#post(signal);
    } finally {
      this.#isDelivering = false;
    }
  }

  async #post(signal: AbortSignal): Promise<void> {
    const mutations = this.#pending.slice(0, MAX_BATCH_MUTATIONS);
    const body = { deviceId: this.#deviceId, mutations };
    const answer = await this.#person.ask('POST', '/v1/mutations', signal, body);
    if (answer?.status !== 200) return;
    this.#tally().post.add(answer.ms);
    const { results } = JSON.parse(answer.text) as MutationBatchResult;
    const applied = results.filter(({ status }) => status === 'applied').length;
    for (const { code } of results.filter(({ status }) => status === 'rejected'))
      this.#tally().fail(`rejected ${code ?? ''}`);
    this.settled += applied;
    this.#tally().reports += applied;
    this.#pending = this.#pending.slice(results.length);
  }
}
