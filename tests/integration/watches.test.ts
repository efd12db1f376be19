import { uuidv7 } from 'uuidv7';
import { expect, it } from 'vitest';
import { useTestDatabase } from '../support/database.ts';
import { addUsers, createInstance, TestDevice } from './mutations-support.ts';

const HOME = { name: 'Home', lat: 59.33, lon: 18.06, radiusM: 500, threshold: 0.4 };

async function start() {
  const { pool } = await useTestDatabase();
  const [userId, stranger] = (await addUsers(pool, 2)) as [string, string];
  const app = createInstance(pool);
  const settle = async (device: TestDevice, ...mutations: Parameters<TestDevice['settle']>[1]) =>
    (await device.settle(app, mutations)).results;
  const watches = async () => {
    const { rows } = await pool.query(
      'SELECT id, user_id, name, radius_m, threshold FROM watches ORDER BY id',
    );
    return rows as object[];
  };
  return { settle, watches, device: new TestDevice(userId), stranger: new TestDevice(stranger) };
}

const set = (device: TestDevice, changes: object = {}) =>
  device.mutation('watch.set', { ...HOME, ...changes });
const remove = (device: TestDevice, watchId: string) => device.mutation('watch.remove', { watchId });

it('a place is watched, set anew and watched no more, all in one queue, and removed twice from two devices', async () => {
  const { settle, watches, device } = await start();
  const made = set(device);
  const results = await settle(
    device,
    made,
    set(device, { watchId: made.id, name: ' Office ', threshold: 1 }),
  );
  expect(results).toMatchObject([{ result: { watchId: made.id } }, { result: { watchId: made.id } }]);
  expect(await watches()).toEqual([
    { id: made.id, user_id: device.userId, name: 'Office', radius_m: 500, threshold: 1 },
  ]);
  const phone = new TestDevice(device.userId);
  expect(await settle(phone, remove(phone, made.id))).toMatchObject([{ status: 'applied' }]);
  const late = await settle(device, remove(device, made.id), set(device, { watchId: made.id }));
  expect(late).toMatchObject([{ status: 'applied' }, { code: 'not_found', field: 'watchId' }]);
  expect(await watches()).toEqual([]);
});

it('is for nobody else to change, who learns nothing of it; what depends on a rejected one says so', async () => {
  const { settle, watches, device, stranger } = await start();
  const made = set(device);
  const bad = set(device, { radiusM: 1 });
  await settle(device, made, bad);
  const answers: unknown[] = [];
  for (const id of [made.id, bad.id, uuidv7()]) {
    const results = await settle(stranger, set(stranger, { watchId: id }), remove(stranger, id));
    answers.push(results.map(({ code, message, field }) => ({ code, message, field })));
  }
  expect(answers[0]).toMatchObject([{ code: 'not_found' }, { code: 'not_found' }]);
  expect(answers[1]).toEqual(answers[0]);
  expect(answers[2]).toEqual(answers[0]);
  const dependent = await settle(device, set(device, { watchId: bad.id }), remove(device, bad.id));
  expect(dependent.map(({ code }) => code)).toEqual(['depends_on_rejected', 'depends_on_rejected']);
  expect(await watches()).toMatchObject([{ id: made.id, name: 'Home' }]);
});

it('refuses what is not of its form, with the field named', async () => {
  const { settle, watches, device } = await start();
  const cases: [object, string | undefined][] = [
    [{ name: '  ' }, 'name'],
    [{ name: 'x'.repeat(81) }, 'name'],
    [{ lat: 91 }, 'lat'],
    [{ radiusM: 50_001 }, 'radiusM'],
    [{ threshold: 1.1 }, 'threshold'],
    [{ userId: uuidv7() }, undefined],
  ];
  const results = await settle(device, ...cases.map(([changes]) => set(device, changes)));
  expect(results.map(({ code, field }) => [code, field])).toEqual(
    cases.map(([, field]) => ['invalid_args', field]),
  );
  expect(await watches()).toEqual([]);
});

it('a person watches fifty places at most, also when devices add them at once; one removed makes room', async () => {
  const { settle, watches, device } = await start();
  const phone = new TestDevice(device.userId);
  const first = set(device);
  await settle(device, first);
  const batches = await Promise.all(
    [device, phone].map((one) => settle(one, ...Array.from({ length: 30 }, () => set(one)))),
  );
  const refused = batches.flat().filter(({ code }) => code === 'too_many_watches');
  expect(refused).toHaveLength(11);
  expect(await watches()).toHaveLength(50);
  const more = await settle(device, remove(device, first.id), set(device));
  expect(more.map(({ status }) => status)).toEqual(['applied', 'applied']);
});
