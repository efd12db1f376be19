import type { InstanceState } from '@halo/shapes/protocol/inspector.ts';
import type { HeadAge, HeadView } from './device-answer.ts';
import type { HeadHistory } from './head-history.ts';
import type { InstanceView, Instances } from './instances.ts';

/** States in which the end of an instance's log is the end of the database, or nearly. */
const KNOWN: ReadonlySet<InstanceState> = new Set(['live']);

export interface HeadsParts {
  readonly history: HeadHistory;
  readonly instances: Instances;
  /** The history's clock, in milliseconds. */
  readonly nowMs: () => number;
}

/** What is known of the log's end, here and at the other instances. */
export class Heads {
  readonly #parts: HeadsParts;

  constructor(parts: HeadsParts) {
    this.#parts = parts;
  }

  async view(): Promise<HeadView> {
    const { history, instances, nowMs } = this.#parts;
    const all = new Map((await instances.all()).map((instance) => [instance.id, instance]));
    const now = nowMs();
    return {
      head: history.head,
      passedAge(lsn) {
        const passed = history.passedMs(lsn);
        return passed === undefined ? undefined : now - passed;
      },
      transactionsAfter: (lsn) => history.transactionsAfter(lsn),
      ofInstance: (id) => headOf(all.get(id ?? instances.self) ?? all.get(instances.self)),
    };
  }
}

function headOf(instance: InstanceView | undefined): HeadAge {
  if (instance === undefined) return { kind: 'unknown', age: 0 };
  const { state, upstream, lagMs } = instance;
  if (upstream && state !== 'gone') return { kind: 'elsewhere' };
  if (KNOWN.has(state)) return { kind: 'known' };
  return { kind: state === 'behind' ? 'late' : 'unknown', age: lagMs ?? 0 };
}
