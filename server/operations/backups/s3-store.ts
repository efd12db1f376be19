import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { HaloError } from '../../platform/errors.ts';
import { missing } from './directory-store.ts';
import type { BackupStore, StoredFile } from './store.ts';

/** Parts of an upload: ten thousand of them are allowed, so that a backup may have 160 GB, and two are in memory at once. */
const PART_BYTES = 16 * 1024 * 1024;
const PARTS_AT_ONCE = 2;
const MAX_LISTED = 50_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** A storage that says nothing for so long is not waited for. */
const SILENT_AFTER_MS = 300_000;
const MAX_ATTEMPTS = 4;
/** An interrupted upload is waited for no longer than this. */
const GIVE_UP_WITHIN_MS = 5_000;

/** A bucket of a storage that speaks S3's protocol. */
export interface S3Place {
  /** Of the storage, as https://s3.eu-north-1.amazonaws.com; the bucket is named in the path. */
  readonly endpoint: string;
  readonly bucket: string;
  /** What names begin with: empty, or with a slash at its end. */
  readonly prefix: string;
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

/** Backups in a bucket. What was uploaded in part only is given up, and appears under no name. */
export function s3Store(
  { endpoint, bucket, prefix, region, accessKey, secretKey }: S3Place,
  silentAfterMs = SILENT_AFTER_MS,
): BackupStore {
  const client = new S3Client({
    endpoint,
    region,
    credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
    forcePathStyle: true,
    maxAttempts: MAX_ATTEMPTS,
    // Only Amazon's own takes the newer checksums of streams; the parts' bytes are signed in any case.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, socketTimeout: silentAfterMs },
  });
  const keyOf = (name: string) => `${prefix}${name}`;
  return {
    place: 'the bucket of HALO_BACKUP_S3',
    list: () => told(() => listed(client, bucket, prefix)),
    write: (name, bytes, signal) =>
      told(async () => {
        const upload = new Upload({
          client,
          params: { Bucket: bucket, Key: keyOf(name), Body: bytes },
          partSize: PART_BYTES,
          queueSize: PARTS_AT_ONCE,
          leavePartsOnError: false,
        });
        // Where its source breaks the library gives up what it has uploaded before it says so; where it is aborted it says so at once,
        // and a process that stops would leave the rest in the bucket.
        let impatience: NodeJS.Timeout | undefined;
        const abort = () => {
          bytes.destroy(signal.reason as Error);
          impatience = setTimeout(() => void upload.abort(), GIVE_UP_WITHIN_MS);
        };
        signal.addEventListener('abort', abort, { once: true });
        try {
          signal.throwIfAborted();
          await upload.done();
        } finally {
          clearTimeout(impatience);
          signal.removeEventListener('abort', abort);
          bytes.destroy();
        }
      }),
    read: (name) =>
      told(async () => {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: keyOf(name) }));
        if (!(Body instanceof Readable)) throw missing(name);
        return Body;
      }, name),
    remove: (name) =>
      told(async () => {
        await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: keyOf(name) }));
      }),
  };
}

async function listed(client: S3Client, bucket: string, prefix: string): Promise<StoredFile[]> {
  const files: StoredFile[] = [];
  let after: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: `${prefix}halo-`, ContinuationToken: after }),
    );
    for (const { Key, Size } of page.Contents ?? [])
      files.push({ name: (Key ?? '').slice(prefix.length), bytes: Size ?? 0 });
    after = page.NextContinuationToken;
  } while (after !== undefined && files.length < MAX_LISTED);
  return files;
}

/** What the storage says, by its own code, or that it says nothing. What else failed stays as it is. */
async function told<T>(work: () => Promise<T>, name?: string): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof S3ServiceException) {
      if (cause.name === 'NoSuchKey' && name !== undefined) throw missing(name);
      throw new HaloError('backup_place_unwritable', `The storage of backups refuses us (${cause.name}).`, {
        field: 'HALO_BACKUP_S3',
        hint: 'Check the bucket, the region and the keys.',
        cause,
      });
    }
    const { code, name: kind } = cause as NodeJS.ErrnoException;
    const isOfNetwork = /^(E(CONN|HOST|NET|PIPE|AI_)|ENOTFOUND|ETIMEDOUT)/.test(code ?? '');
    if (!isOfNetwork && kind !== 'TimeoutError') throw cause;
    throw new HaloError(
      'backup_place_unreachable',
      `The storage of backups does not answer (${code ?? kind}).`,
      {
        field: 'HALO_BACKUP_S3',
        hint: 'Check the address, and the network to it.',
        cause,
      },
    );
  }
}
