import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it, onTestFinished } from 'vitest';
import { readLines, readNdjson } from './ndjson.ts';

it('reads an archive, and says which one is missing or damaged', () => {
  const folder = mkdtempSync(join(tmpdir(), 'halo-ndjson-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const write = (name: string, contents: Uint8Array) => {
    writeFileSync(join(folder, name), contents);
    return join(folder, name);
  };
  const whole = gzipSync('{"id":1}\n{"id":2}\n');
  const path = write('whole.ndjson.gz', whole);
  expect([readNdjson(path), readLines(path)]).toEqual([
    [{ id: 1 }, { id: 2 }],
    ['{"id":1}', '{"id":2}'],
  ]);
  const unreadable = [
    join(folder, 'nowhere.ndjson.gz'),
    write('half.ndjson.gz', whole.subarray(0, whole.length - 10)),
    write('plain.ndjson.gz', Buffer.from('{"id":1}\n')),
    write('words.ndjson.gz', gzipSync('no JSON\n')),
  ];
  for (const file of unreadable)
    expect(() => readNdjson(file), file).toThrowError(
      expect.objectContaining({
        code: 'archive_unreadable',
        message: expect.stringContaining(file) as string,
      }),
    );
});
