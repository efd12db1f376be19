import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { expect, it, onTestFinished } from 'vitest';
import { useBucket } from '../../../tests/support/bucket.ts';
import type { TestBucket } from '../../../tests/support/bucket.ts';
import { startHttpServer } from '../../../tests/support/http.ts';
import { s3Store } from './s3-store.ts';

const never = new AbortController().signal;
const NAME = 'halo-20261127T011500Z-00000001.tar.gz';
const KEY = `city/halo/${NAME}`;

function storeIn({ url, accessKey, secretKey }: TestBucket, changes: { secretKey?: string } = {}) {
  const { origin } = new URL(url);
  return s3Store({
    endpoint: origin,
    bucket: 'bucket',
    prefix: 'city/halo/',
    region: 'eu-north-1',
    accessKey,
    secretKey,
    ...changes,
  });
}

async function* pieces(data: Buffer, size = 1_000_000): AsyncGenerator<Buffer> {
  for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size);
}
const stream = (source: AsyncIterable<Buffer>) => Readable.from(source, { objectMode: false });

async function bytesOf(source: Readable): Promise<Buffer> {
  const found: Buffer[] = [];
  for await (const piece of source) found.push(piece as Buffer);
  return Buffer.concat(found);
}

it('puts a large file there in parts, and a small one at once, and gives them back', async () => {
  const bucket = await useBucket();
  const store = storeIn(bucket);
  const [large, small] = [randomBytes(40_000_000), randomBytes(1_000)];
  await store.write(NAME, stream(pieces(large)), never);
  await store.write('halo-2', stream(pieces(small)), never);
  await store.write('halo-3', stream(pieces(small)), never);
  bucket.objects.set('city/halo/notes.txt', small);
  bucket.objects.set('city/halo-of-others', small);
  expect(bucket.objects.get(KEY)!.equals(large)).toBe(true);
  expect(bucket.unfinished.size).toBe(0);
  expect((await bytesOf(await store.read(NAME))).equals(large)).toBe(true);
  expect(await store.list()).toEqual([
    { name: 'halo-2', bytes: 1_000 },
    { name: NAME, bytes: large.length },
    { name: 'halo-3', bytes: 1_000 },
  ]);
  await store.remove(NAME);
  await store.remove(NAME);
  await expect(store.read(NAME)).rejects.toMatchObject({ code: 'backup_missing' });
});

it('gives up what it could not finish, so that nothing appears of it', async () => {
  const bucket = await useBucket();
  const store = storeIn(bucket);
  const broken = async function* () {
    yield* pieces(randomBytes(20_000_000));
    throw new Error('the source broke');
  };
  await expect(store.write(NAME, stream(broken()), never)).rejects.toThrow('the source broke');
  const interrupted = new AbortController();
  const endless = async function* () {
    for (let piece = 0; ; piece += 1) {
      // Two parts of 16 MiB are there by then.
      if (piece === 40) interrupted.abort(new Error('stopped'));
      yield randomBytes(1_000_000);
    }
  };
  await expect(store.write(NAME, stream(endless()), interrupted.signal)).rejects.toThrow();
  expect(bucket.unfinished.size).toBe(0);
  bucket.refuse('POST /bucket/city/halo/halo-20261127T011500Z-00000001.tar.gz?uploadId', 403, 'AccessDenied');
  await expect(store.write(NAME, stream(pieces(randomBytes(20_000_000))), never)).rejects.toMatchObject({
    code: 'backup_place_unwritable',
  });
  expect([bucket.objects.size, bucket.unfinished.size]).toEqual([0, 0]);
});

it('tries again what the storage could not do just now, and says by its code what it will not do', async () => {
  const bucket = await useBucket();
  bucket.refuse(`PUT /bucket/${KEY}`, 503, 'SlowDown');
  await storeIn(bucket).write(NAME, stream(pieces(Buffer.from('x'))), never);
  expect(bucket.objects.get(KEY)!.toString()).toBe('x');
  await expect(storeIn(bucket, { secretKey: 'another' }).list()).rejects.toMatchObject({
    code: 'backup_place_unwritable',
    message: 'The storage of backups refuses us (SignatureDoesNotMatch).',
  });
  const nowhere = s3Store({
    ...bucket,
    endpoint: 'http://127.0.0.1:1',
    bucket: 'b',
    prefix: '',
    region: 'x',
  });
  await expect(nowhere.list()).rejects.toMatchObject({ code: 'backup_place_unreachable' });
});

it('waits for no storage that says nothing', async () => {
  const silent = await startHttpServer(() => {});
  onTestFinished(() => silent.close());
  const place = { bucket: 'b', prefix: '', region: 'x', accessKey: 'a', secretKey: 'b' };
  const store = s3Store({ ...place, endpoint: silent.url }, 100);
  await expect(store.list()).rejects.toMatchObject({ code: 'backup_place_unreachable' });
});
