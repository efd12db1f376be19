import { expect, it } from 'vitest';
import type { OutboxEntry } from '@halo/client';
import { FIRST_PAGE, PAGE_ENTRIES, afterOf, nextPage, previousPage } from './queue-pages.ts';

const entry = (seq: number): OutboxEntry => ({
  seq,
  id: `e${seq}`,
  type: 'comment.create',
  createdAt: '2026-11-25T12:00:00Z',
  args: {},
  state: 'pending',
});
/** What the outbox answers when it is asked for one more than a page. */
const read = (all: readonly OutboxEntry[], after: number) =>
  all.filter(({ seq }) => seq > after).slice(0, PAGE_ENTRIES + 1);

it('goes through a long queue without missing or repeating an entry, and back again', () => {
  const all = Array.from({ length: 3 * PAGE_ENTRIES + 7 }, (_, index) => entry(2 * index + 1));
  const seen: number[] = [];
  let path = FIRST_PAGE;
  for (;;) {
    const page = read(all, afterOf(path));
    seen.push(...page.slice(0, PAGE_ENTRIES).map(({ seq }) => seq));
    const next = nextPage(path, page);
    if (next === path) break;
    path = next;
  }
  expect(seen).toEqual(all.map(({ seq }) => seq));
  expect(path).toHaveLength(4);
  while (path.length > 1) path = previousPage(path);
  expect(afterOf(path)).toBe(0);
  expect(previousPage(path)).toBe(path);
});

it('knows no next page where the queue ends at the page', () => {
  const exact = Array.from({ length: PAGE_ENTRIES }, (_, index) => entry(index + 1));
  expect(nextPage(FIRST_PAGE, read(exact, 0))).toBe(FIRST_PAGE);
  expect(nextPage(FIRST_PAGE, [])).toBe(FIRST_PAGE);
});
