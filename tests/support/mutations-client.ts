import type { Mutation, MutationBatchResult } from '@halo/shapes/protocol/mutation-batch.ts';
import { uuidv7 } from 'uuidv7';

/** What `POST /v1/mutations` answered. */
export interface MutationAnswer {
  readonly status: number;
  readonly body: MutationBatchResult;
}

/** A device that speaks to `POST /v1/mutations` by hand, without outbox or client. */
export class RawDevice {
  readonly deviceId = crypto.randomUUID();
  readonly token: string;
  #seq = 0;

  constructor(token: string) {
    this.token = token;
  }

  /** The next report of this device; somewhere in Stockholm. */
  report(description: string, location: { lat: number; lon: number }): Mutation {
    const createdAt = new Date().toISOString();
    this.#seq += 1;
    const args = { type: 'theft', severity: 3, occurredAt: createdAt, description };
    return {
      seq: this.#seq,
      id: uuidv7(),
      type: 'report.create',
      createdAt,
      args: { ...args, location: { ...location, accuracyM: 10 } },
    };
  }

  /** Sends a batch once; rejects when no whole answer comes back. */
  async post(url: string, mutations: readonly Mutation[]): Promise<MutationAnswer> {
    const response = await fetch(new URL('/v1/mutations', url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.token}` },
      body: JSON.stringify({ deviceId: this.deviceId, mutations }),
    });
    return { status: response.status, body: (await response.json()) as MutationBatchResult };
  }
}
