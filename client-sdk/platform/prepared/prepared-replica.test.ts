import { describe, expect, it } from 'vitest';
import { pack, unpack } from './prepared-replica.ts';
import type { PreparedReplica } from './prepared-replica.ts';
import { readPrepared } from './read-prepared.ts';
import { tarOf } from './tar.ts';

const bytes = (text: string) => new Uint8Array(new TextEncoder().encode(text));
const LARGE = bytes('of two databases '.repeat(1000));
const REPLICA: PreparedReplica = {
  pglite: '1.2.3',
  directories: ['base', 'base/1', 'base/5', 'pg_notify'],
  files: [
    { path: 'PG_VERSION', contents: bytes('18\n') },
    { path: 'base/1/112', contents: LARGE },
    { path: 'base/5/112', contents: LARGE.slice() },
    { path: 'base/5/113_fsm', contents: bytes('19\n') },
    { path: 'base/5/empty', contents: new Uint8Array(0) },
  ],
};
const text = (packed: Uint8Array) => new TextDecoder('latin1').decode(packed);
const gzipped = (packed: Uint8Array<ArrayBuffer>) =>
  new Response(new Blob([packed]).stream().pipeThrough(new CompressionStream('gzip'))).blob();

describe('a prepared replica', () => {
  it('comes out as it went in, with equal files once', async () => {
    const packed = pack(REPLICA);
    expect(await readPrepared(await gzipped(packed))).toEqual(REPLICA);
    expect(packed.length).toBeLessThan(1.1 * LARGE.length);
  });

  it('is refused where it is cut off or longer than it says, of another format, or no such thing', () => {
    const packed = pack(REPLICA);
    expect(() => unpack(packed.slice(0, -1))).toThrow('not as long');
    expect(() => unpack(bytes(`${text(packed)} `))).toThrow('not as long');
    expect(() => unpack(bytes(text(packed).replace('replica 1', 'replica 2')))).toThrow('of this format');
    expect(() => unpack(bytes('<!doctype html>'))).toThrow('of this format');
    expect(() => unpack(packed.slice(0, 20))).toThrow();
    expect(() => unpack(bytes(text(packed).replace('"base/5/empty",3', '"base/5/empty",9')))).toThrow(
      'no contents for base/5/empty',
    );
    expect(() => unpack(bytes(text(packed).replace('"1.2.3"', '1.20003')))).toThrow('what it is');
  });

  it.each(['../outside', '/etc/passwd', 'base/../../outside', 'base//1', 'base\\..\\1', '.', ''])(
    'writes nothing to a path like %j',
    (path) => {
      const foul = { ...REPLICA, files: [{ path, contents: LARGE }] };
      expect(() => unpack(pack(foul))).toThrow('has a path');
      expect(() => unpack(pack({ ...REPLICA, directories: [path] }))).toThrow('has a path');
    },
  );

  it('is refused where its gzip is damaged, or holds more than a replica can', async () => {
    const damaged = new Uint8Array(await (await gzipped(pack(REPLICA))).arrayBuffer());
    damaged[damaged.length - 6]! ^= 1;
    await expect(readPrepared(new Blob([damaged]))).rejects.toThrow();
    const packed = pack(REPLICA);
    const tooLarge = readPrepared(await gzipped(packed), packed.length - 1);
    await expect(tooLarge).rejects.toThrow(`at most ${packed.length - 1} bytes`);
  });

  it('becomes an archive in whose headers the sums are right', () => {
    const archive = tarOf(REPLICA);
    expect(archive.length % 512).toBe(0);
    const names = [];
    for (let at = 0; archive[at] !== 0;) {
      const header = archive.slice(at, at + 512);
      const field = (from: number, length: number) =>
        text(header.subarray(from, from + length)).replace(/\0.*$/s, '');
      const size = parseInt(field(124, 12), 8);
      const sum = parseInt(field(148, 8), 8);
      header.fill(32, 148, 156);
      expect(header.reduce((total, byte) => total + byte, 0)).toBe(sum);
      names.push([field(0, 100), field(156, 1), size]);
      at += 512 + Math.ceil(size / 512) * 512;
    }
    expect(names).toEqual([
      ...REPLICA.directories.map((path) => [path, '5', 0]),
      ...REPLICA.files.map(({ path, contents }) => [path, '0', contents.length]),
    ]);
    expect(() => tarOf({ ...REPLICA, directories: ['d'.repeat(101)] })).toThrow('too long');
  });
});
