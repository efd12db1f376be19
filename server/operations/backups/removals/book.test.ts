import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Removal } from '../../../auth/removal.ts';
import { fileNames, isCardName } from '../backup.ts';
import { nameBook, readBookName, readBookText, writeBookText } from './book.ts';

const HOUSE = '5f0c2d5e-8a57-4b43-9c39-7d0d3f5b7a10';
const ID = '00000000-0000-4000-8000-00000000beef';
const AT = new Date('2026-11-27T01:15:00.250Z');
const REMOVALS: readonly Removal[] = [
  { id: crypto.randomUUID(), userId: crypto.randomUUID(), at: AT, kind: 'forgotten' },
  { id: crypto.randomUUID(), userId: crypto.randomUUID(), at: AT, kind: 'role', role: 'officer' },
];
const book = nameBook(HOUSE, AT, ID, false);
const refused = expect.objectContaining({ code: 'removals_unreadable' }) as Error;

it('its name tells of whom it is, a second that nothing in it is later than, and whether it is encrypted', () => {
  expect(nameBook(HOUSE, AT, ID, true)).toEqual({
    name: `halo-removals-${HOUSE}-20261127T011501Z-0000beef.jsonl.gz.age`,
    house: HOUSE,
    until: new Date('2026-11-27T01:15:01Z'),
    encrypted: true,
  });
  for (const one of [book, nameBook(HOUSE, AT, ID, true)]) expect(readBookName(one.name)).toEqual(one);
});

it('neither a book nor a backup is taken for the other, nor anything else for either', () => {
  expect(isCardName(book.name)).toBe(false);
  const { file, card } = fileNames(ID, AT, true);
  for (const name of [
    file,
    card,
    `.${book.name}.partial`,
    `${book.name}.old`,
    book.name.replace('1127T', '1199T'),
  ])
    expect(readBookName(name)).toBeUndefined();
});

it('gives back what was written', () => {
  expect(readBookText(book, writeBookText(HOUSE, REMOVALS))).toEqual(REMOVALS);
});

it('is refused whichever sign of it is lost or another one', () => {
  const text = writeBookText(HOUSE, REMOVALS);
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.constantFrom('', '0', 'x', '\n'), (at, sign) => {
      fc.pre(text[at] !== sign);
      const changed = text.slice(0, at) + sign + text.slice(at + 1);
      expect(() => readBookText(book, changed)).toThrowError(refused);
    }),
  );
});

it('is refused where it is of another house, or of a form that this version does not know', () => {
  const text = writeBookText(HOUSE, REMOVALS);
  expect(() => readBookText({ ...book, house: ID }, text)).toThrowError(refused);
  expect(() => readBookText(book, text.replace('"format":1', '"format":2'))).toThrowError(refused);
  const later = [{ ...REMOVALS[0]!, kind: 'promoted' } as unknown as Removal];
  expect(() => readBookText(book, writeBookText(HOUSE, later))).toThrowError(refused);
});
