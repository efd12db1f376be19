import { describe, expect, it } from 'vitest';
import type { OutboxEntry } from '@halo/client';
import { OutboxBriefs } from './outbox-briefs.ts';

const entry = (seq: number): OutboxEntry => ({
  seq,
  id: `m${seq}`,
  type: 'report.withdraw',
  createdAt: '2026-11-25T12:00:00Z',
  args: { reportId: `r${seq}` },
  state: 'pending',
});

/** An outbox of this many entries, of which more may be settled between two pages. */
function outboxOf(entries: number, betweenPages: () => void = () => {}) {
  let held = Array.from({ length: entries }, (_, n) => entry(n + 1));
  const told: string[][] = [];
  let rests = 0;
  const briefs = new OutboxBriefs({
    async list({ limit, after }) {
      const page = held.filter(({ seq }) => seq > after).slice(0, limit);
      betweenPages();
      return page;
    },
    onRead: (read) => void told.push(read.map(({ id, reportId }) => `${id} ${reportId}`)),
    sleep: async () => void (rests += 1),
  });
  const settle = (count: number) => void (held = held.slice(count));
  return { briefs, told, settle, rests: () => rests };
}

describe('OutboxBriefs', () => {
  it('finds every entry of a long queue once', async () => {
    const { briefs, told } = outboxOf(1_501);
    await briefs.changed();
    expect(told).toHaveLength(1);
    expect(told[0]).toHaveLength(1_501);
    expect([told[0]?.[0], told[0]?.[1_500]]).toEqual(['m1 r1', 'm1501 r1501']);
  });

  it('reads again what changed while it read, once however often, and not without a rest', async () => {
    let pages = 0;
    const outbox = outboxOf(1_200, () => {
      pages += 1;
      if (pages > 3) return;
      outbox.settle(100);
      void outbox.briefs.changed();
    });
    await outbox.briefs.changed();
    expect(outbox.told).toHaveLength(2);
    expect(outbox.told[1]).toHaveLength(900);
    expect(outbox.rests()).toBe(1);
  });

  it('tells nothing once it is stopped', async () => {
    const outbox = outboxOf(1_200, () => outbox.briefs.stop());
    await outbox.briefs.changed();
    expect(outbox.told).toEqual([]);
  });
});
