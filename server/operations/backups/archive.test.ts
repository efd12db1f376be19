import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readArchive, writeArchive } from './archive.ts';
import { ARCHIVE_FORMAT } from './backup.ts';
import type { Header } from './backup.ts';
import { newKey, sealed, unsealed } from './seal.ts';

const HEADER: Header = {
  format: ARCHIVE_FORMAT,
  id: '00000000-0000-4000-8000-000000000001',
  method: 'copy',
  takenAt: new Date('2026-11-27T01:15:00Z'),
  version: '0.1.0',
  postgres: 180_004,
  lsn: '0/1',
  epoch: '00000000-0000-4000-8000-000000000002',
  house: null,
  runId: null,
  migrations: ['0001_accounts'],
  tables: [{ name: 'users', columns: ['id'] }],
  sequences: [],
  leftOut: [],
};

async function bytesOf(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* some(data: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size);
}

async function archived(parts: Readonly<Record<string, Buffer>>, key: string | undefined): Promise<Buffer> {
  const contents = {
    header: HEADER,
    parts: (async function* () {
      for (const [name, data] of Object.entries(parts)) yield { name, bytes: some(data, 70_001) };
    })(),
    rows: () => ({ users: 1 }),
  };
  return bytesOf(await sealed(writeArchive(contents), key));
}

async function read(stored: Buffer, key: string | undefined): Promise<Record<string, Buffer>> {
  const found: Record<string, Buffer[]> = {};
  const source = Readable.from(some(stored, 50_000), { objectMode: false });
  await readArchive(await unsealed(source, key !== undefined, key), {
    async piece(name, data) {
      (found[name] ??= []).push(data);
    },
  });
  return Object.fromEntries(Object.entries(found).map(([name, pieces]) => [name, Buffer.concat(pieces)]));
}

const key = await newKey();

describe.each([
  ['plain', undefined],
  ['encrypted', key],
])('an archive, %s', (_, of) => {
  it('gives back what went in, in pieces of a bounded size', async () => {
    const parts = { 'tables/users': randomBytes(9_000_000), 'tables/areas': Buffer.from('one\n') };
    const found = await read(await archived({ ...parts, 'tables/empty': Buffer.alloc(0) }, of), of);
    expect(Object.keys(found)).toEqual(Object.keys(parts));
    for (const [name, data] of Object.entries(parts)) expect(data.equals(found[name]!), name).toBe(true);
  });

  it('is refused, or gives what went in, wherever it is cut or a byte of it is changed', async () => {
    const parts = { 'tables/users': randomBytes(20_000), 'tables/areas': randomBytes(600) };
    const stored = await archived(parts, of);
    const fate = fc.record({ at: fc.nat(stored.length - 1), by: fc.integer({ min: 0, max: 255 }) });
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(fate, async ({ at, by }) => {
        const harmed = Buffer.from(stored);
        harmed[at]! ^= by;
        try {
          // Some bits mean nothing to gzip: its clock, and what fills the last byte.
          const found = await read(by === 0 ? harmed.subarray(0, at) : harmed, of);
          expect(by).not.toBe(0);
          for (const [name, data] of Object.entries(parts)) expect(data.equals(found[name]!)).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({
            code: expect.stringMatching(/^backup_(damaged|key_wrong)$/) as string,
          });
          refused += 1;
        }
      }),
      { numRuns: 150 },
    );
    expect(refused).toBeGreaterThan(75);
  });
});

it('cannot be read without its key, nor with another one', async () => {
  const stored = await archived({ 'tables/users': Buffer.from('a secret\n') }, key);
  expect(stored.includes('a secret')).toBe(false);
  const source = () => Readable.from([stored], { objectMode: false });
  await expect(unsealed(source(), true, undefined)).rejects.toMatchObject({ code: 'backup_key_missing' });
  await expect(unsealed(source(), true, await newKey())).rejects.toMatchObject({ code: 'backup_key_wrong' });
});
