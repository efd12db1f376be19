import { expect, it } from 'vitest';
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
