import { cpSync, existsSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { openHalo } from '@halo/client';
import type { Halo } from '@halo/client';
import { nodeStore } from '@halo/client/node';
import type { OutboxServer } from './outbox-server.ts';

/**
 * One start of a device's client: the real one, with its journal on a real disk and without a replica, in a simulated
 * network. Its clock stands still: what sleeps wakes when the test says so.
 */
export class OutboxDevice {
  readonly dir: string;
  readonly #server: OutboxServer;
  readonly #sleepers = new Set<() => void>();
  #halo: Halo | undefined;
  #underWay = 0;
  #isDead = false;
  #cameBack: () => void = () => {};
  #tokens = 0;

  constructor(dir: string, server: OutboxServer) {
    this.dir = dir;
    this.#server = server;
  }

  get halo(): Halo {
    return this.#halo!;
  }

  async open(): Promise<void> {
    this.#halo = await openHalo(
      {
        url: 'http://halo.example',
        store: {
          ...nodeStore(this.dir),
          openReplica: () => Promise.reject(new Error('no replica in this test')),
          onNetwork: (listener) => {
            this.#cameBack = () => listener('came');
            return () => {};
          },
        },
        // Another token each time, so that a 401 is answered with a new one.
        auth: { getToken: async () => `x.${btoa('{"sub":"u"}')}.${(this.#tokens += 1)}` },
        shapes: [],
      },
      {
        fetch: (_url, init) => this.#fetch(init?.body as string, init?.signal ?? undefined),
        now: () => Date.UTC(2026, 0, 1),
        random: () => 0.5,
        sleep: (_ms, signal) => this.#sleep(signal),
      },
    );
  }

  /** The journal of the account, of which there is one; undefined before it is written to. */
  journal(): string | undefined {
    const account = readdirSync(this.dir).find((name) =>
      existsSync(join(this.dir, name, 'outbox', 'journal')),
    );
    return account === undefined ? undefined : join(this.dir, account, 'outbox', 'journal');
  }

  journalBytes(): number {
    const journal = this.journal();
    return journal === undefined ? 0 : statSync(journal).size;
  }

  /** What waits for its time, or for the network, looks now; resolves when nothing is under way any more. */
  async look(): Promise<void> {
    for (const wake of [...this.#sleepers]) wake();
    this.#cameBack();
    await this.quiet();
  }

  /** Resolves when the delivery sleeps, or has nothing to do. */
  async quiet(): Promise<void> {
    for (let calm = 0; calm < 5;) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      const { outbox } = this.halo.status();
      calm = this.#underWay === 0 && (this.#sleepers.size > 0 || outbox.pending === 0) ? calm + 1 : 0;
    }
  }

  /**
   * The device loses its power, with all that the disk had not been told to keep: the journal is cut at a share of what
   * lies past `durable` bytes. Gives the device that is started after that, in `dir`, not yet open.
   */
  powerCut(dir: string, durable: number, keep: number): OutboxDevice {
    const length = this.journalBytes();
    cpSync(this.dir, dir, { recursive: true });
    rmSync(join(dir, 'lock'), { force: true });
    const after = new OutboxDevice(dir, this.#server);
    const journal = after.journal();
    if (journal !== undefined) truncateSync(journal, durable + Math.floor((length - durable) * keep));
    this.#isDead = true;
    return after;
  }

  async close(): Promise<void> {
    this.#isDead = true;
    for (const wake of this.#sleepers) wake();
    await this.#halo?.close();
  }

  async #fetch(body: string, signal: AbortSignal | undefined): Promise<Response> {
    this.#underWay += 1;
    try {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#isDead || signal?.aborted === true) throw new TypeError('fetch failed');
      return this.#server.fetch(body);
    } finally {
      this.#underWay -= 1;
    }
  }

  #sleep(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const wake = () => {
        this.#sleepers.delete(wake);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      this.#sleepers.add(wake);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }
}
