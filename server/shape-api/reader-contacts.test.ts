import { expect, it } from 'vitest';
import { ReaderContacts } from './reader-contacts.ts';

it('invariant 11: who asks no more is silent after a while, and forgotten long after', () => {
  let nowMs = 0;
  const contacts = new ReaderContacts({ now: () => new Date(nowMs) });
  contacts.heard('a');
  contacts.heard('b');
  expect(contacts.counts()).toEqual({ present: 2, silent: 0, isWhole: false });
  for (nowMs = 0; nowMs <= 60_000; nowMs += 20_000) contacts.heard('a');
  expect(contacts.counts()).toMatchObject({ present: 1, silent: 1 });
  contacts.heard('b');
  expect(contacts.counts()).toMatchObject({ present: 2, silent: 0 });
  nowMs += 870_000;
  expect(contacts.counts()).toMatchObject({ present: 0, silent: 2 });
  nowMs += 80_000;
  expect(contacts.counts()).toEqual({ present: 0, silent: 0, isWhole: true });
});
