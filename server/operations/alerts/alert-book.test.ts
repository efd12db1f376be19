import { expect, it } from 'vitest';
import type { AlertKind, AlertName, Finding } from './alert.ts';
import { ALERT_NAMES } from './alert.ts';
import { advance, dueEvents, EMPTY_BOOK, told } from './alert-book.ts';
import type { AlertBook } from './alert-book.ts';

const SECOND = 1_000;
const KIND: AlertKind = {
  severity: 'warning',
  scope: 'shared',
  raiseAfterMs: 30 * SECOND,
  clearAfterMs: 20 * SECOND,
};
const kinds = Object.fromEntries(ALERT_NAMES.map((name) => [name, KIND])) as Record<AlertName, AlertKind>;

/** Looks every ten seconds, and tells at once what is due: `b` bad, `g` good, `?` unsure, `-` not found at all. */
function play(looks: string, { quietMs = 0, webhookIsDown = '' } = {}) {
  let book: AlertBook = EMPTY_BOOK;
  let ids = 0;
  const events: string[] = [];
  for (const [index, look] of [...looks].entries()) {
    const nowMs = index * 10 * SECOND;
    const verdict = ({ b: 'bad', g: 'good', '?': 'unsure' } as const)[look];
    const findings: Finding[] =
      verdict === undefined
        ? []
        : [{ name: 'feed_silent', subject: 'polisen', verdict, what: `look ${index}` }];
    book = advance(book, findings, {
      nowMs,
      instance: 'one',
      newId: () => String((ids += 1)),
      quietMs,
      kinds,
    });
    if (webhookIsDown[index] === 'x') continue;
    for (let event = dueEvents(book, nowMs)[0]; event !== undefined; event = dueEvents(book, nowMs)[0]) {
      events.push(`${index} ${event.kind}`);
      book = told(book, event, new Date(nowMs));
    }
  }
  return { events, book };
}

it.each<[string, string, string[]]>([
  ['nothing while all is well', 'gggggg', []],
  ['nothing of what goes by in less than its time', 'bbbgbbbg', []],
  ['once, when it has lasted, and once that it is over', 'bbbbbbbggggg', ['3 raised', '9 cleared']],
  ['nothing more while it goes on', 'bbbbbbbbbbbbbbbb', ['3 raised']],
  ['no end of what is well for a moment only', 'bbbbgbbbgbb', ['3 raised']],
  ['nothing new where it cannot be told', 'bb????????', []],
  ['no end where it cannot be told', 'bbbb??????ggg', ['3 raised', '12 cleared']],
  ['the end of what is there no more', 'bbbb---', ['3 raised', '6 cleared']],
  ['it again when it comes again', 'bbbbgggbbbb', ['3 raised', '6 cleared', '10 raised']],
])('tells %s', (_, looks, events) => {
  expect(play(looks).events).toEqual(events);
});

it('tells what comes and goes only once in its quiet time, and afterwards when it is still there', () => {
  const quietMs = 150 * SECOND;
  expect(play('bbbbgggbbbbggg', { quietMs }).events).toEqual(['3 raised', '6 cleared']);
  // Raised again at 10, and told at 18: 150 s after it was told first.
  expect(play('bbbbgggbbbbbbbbbbbbb', { quietMs }).events).toEqual(['3 raised', '6 cleared', '18 raised']);
});

it('tells what the webhook did not take when it takes again, in its order', () => {
  const webhookIsDown = '   xxxxxxx';
  expect(play('bbbbbbbggggg', { webhookIsDown }).events).toEqual(['10 raised', '10 cleared']);
});

it('does not tell after a day what was over before', () => {
  const day = 24 * 360;
  const looks = `bbbbggg${'g'.repeat(day)}`;
  // It is over at 6.
  expect(play(looks, { webhookIsDown: 'x'.repeat(day + 6) }).events).toHaveLength(2);
  expect(play(`${looks}g`, { webhookIsDown: 'x'.repeat(day + 7) }).events).toEqual([]);
});

it('keeps since when it was, and says what is so now', () => {
  const { book } = play('bbbbbb');
  expect(book.records).toMatchObject([
    { since: new Date(0), raisedAt: new Date(30 * SECOND), what: 'look 5', clearedAt: null, instance: 'one' },
  ]);
});

it('leaves as it is what nobody could look at, and what was about to be raised', () => {
  const bad: Finding = { name: 'slot_near_limit', subject: 'halo_1', verdict: 'bad', what: 'It is full.' };
  const look = (book: AlertBook, second: number, findings: Finding[], unknown: AlertName[] = []) =>
    advance(book, findings, {
      ...{ nowMs: second * SECOND, instance: 'one', newId: () => 'id', quietMs: 0, kinds },
      unknown: new Set(unknown),
    });
  let book = look(EMPTY_BOOK, 0, [bad]);
  book = look(book, 20, [], ['slot_near_limit']);
  book = look(book, 30, [bad]);
  expect(book.records).toMatchObject([{ raisedAt: new Date(30 * SECOND), clearedAt: null }]);
  for (const second of [60, 120]) book = look(book, second, [], ['slot_near_limit']);
  expect(book.records).toMatchObject([{ clearedAt: null }]);
  // It is read again, and the slot is gone.
  for (const second of [130, 190]) book = look(book, second, [], ['feed_silent']);
  expect(book.records).toMatchObject([{ clearedAt: new Date(190 * SECOND) }]);
});
