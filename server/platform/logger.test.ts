import { expect, it } from 'vitest';
import { logContext, withLogContext, withoutLogContext } from './log-context.ts';
import { createLogger } from './logger.ts';

it('censors secrets and exact positions, at the top and one level down', () => {
  const lines: string[] = [];
  const logger = createLogger('info', { write: (line) => void lines.push(line) });
  logger.info(
    { password: 'hunter2hunter2', lat: 59.3326, mutation: { args: 'private', lon: 18.0649 } },
    'seen',
  );
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('"msg":"seen"');
  expect(lines[0]).not.toMatch(/hunter2|59\.33|18\.06|private/);
});

it('censors the row that Postgres names in an error', () => {
  const lines: string[] = [];
  const logger = createLogger('info', { write: (line) => void lines.push(line) });
  const error = Object.assign(new Error('duplicate key value violates unique constraint'), {
    detail: 'Key (email)=(person@halo.example) already exists.',
    where: 'COPY reports, line 1: "59.3326"',
  });
  logger.error({ err: error }, 'refused');
  expect(lines[0]).toContain('duplicate key value');
  expect(lines[0]).not.toMatch(/person@halo|59\.33/);
});

it('writes one line an event, whatever is in it', () => {
  const lines: string[] = [];
  const logger = createLogger('info', { write: (line) => void lines.push(line) });
  const forged = 'a line\r\n{"level":60,"msg":"another"}\u0000\u001b[2J';
  logger.info({ route: forged }, forged);
  expect(lines).toHaveLength(1);
  expect([...lines[0]!.trimEnd()].filter((character) => character < ' ')).toEqual([]);
  expect(JSON.parse(lines[0]!)).toMatchObject({ level: 30, route: forged, msg: forged });
});

it('each line says to what it belongs, after any wait, and no line says so of another', async () => {
  const lines: string[] = [];
  const told: unknown[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const logger = createLogger('info', destination, (_, about) => told.push(about));
  const child = logger.child({ component: 'deep' });
  const work = async (requestId: string) => {
    await new Promise((resolve) => setTimeout(resolve, requestId === 'one' ? 5 : 1));
    child.info({ at: requestId }, 'seen');
    withoutLogContext(() => child.info({ at: 'nobody' }, 'seen'));
    withLogContext({ ...logContext(), runId: 'run' }, () =>
      child.error({ err: new Error('x'), at: requestId }),
    );
  };
  await Promise.all(['one', 'two'].map((requestId) => withLogContext({ requestId }, () => work(requestId))));
  logger.info({ at: 'nobody' }, 'after');
  const seen = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  for (const { at, requestId } of seen) expect(requestId ?? 'nobody').toBe(at);
  expect(seen).toHaveLength(7);
  expect(told).toEqual(
    ['two', 'one'].map((id) => ({ requestId: id, runId: 'run', component: 'deep', at: id })),
  );
});
