import { Hono } from 'hono';
import { expect, it } from 'vitest';
import type { CallerEnv, RequireCaller } from '../auth/identity.ts';
import { noteReaders } from './note-readers.ts';
import { ReaderContacts } from './reader-contacts.ts';

/** Lets in whoever brings a log-in's name. */
const requireCaller: RequireCaller = () => async (context, next) => {
  const sessionId = context.req.header('authorization');
  if (sessionId === undefined) return context.text('who?', 401);
  context.set('caller', { userId: 'u', role: 'reporter', sessionId, expiresAt: new Date(0) });
  return next();
};

it('invariant 11: readers are log-ins that follow a shape, and nobody whom the server does not know', async () => {
  let nowMs = 0;
  const contacts = new ReaderContacts({ now: () => new Date(nowMs) });
  const app = new Hono<CallerEnv>();
  app.get('/shape', noteReaders(contacts, requireCaller)(), (context) => context.text('rows'));
  const ask = async (run: string, logIn?: string) => {
    const headers = logIn === undefined ? {} : { authorization: logIn };
    const answer = await app.request(`/shape${run}`, { headers });
    return answer.status;
  };
  for (let stranger = 0; stranger < 9; stranger += 1) expect(await ask(`?session=${stranger}`)).toBe(401);
  expect(contacts.counts()).toMatchObject({ present: 0, silent: 0 });

  // Three people, who reload their app twice within some minutes.
  for (let reload = 0; reload < 3; reload += 1) {
    for (const logIn of ['a', 'b', 'c']) expect(await ask(`?session=${logIn}${reload}`, logIn)).toBe(200);
    nowMs += 60_000;
  }
  for (const logIn of ['a', 'b', 'c']) await ask('?session=again', logIn);
  expect(contacts.counts()).toMatchObject({ present: 3, silent: 0 });

  // Whoever reads once, and follows nothing, need not ask again.
  await ask('', 'd');
  expect(contacts.counts()).toMatchObject({ present: 3, silent: 0 });

  // An outage is seen, whatever strangers ask meanwhile.
  nowMs += 60_000;
  for (const name of ['a', 'b', 'c', 'x', 'y', 'z']) await ask(`?session=${name}`);
  expect(contacts.counts()).toMatchObject({ present: 0, silent: 3 });
});
