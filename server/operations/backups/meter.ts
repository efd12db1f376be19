import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';

/** Passes bytes on, and says at their end how many there were, and their SHA-256. */
export function createMeter(): {
  readonly meter: Transform;
  measured(): { readonly bytes: number; readonly sha256: string };
} {
  const hash = createHash('sha256');
  let bytes = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  return { meter, measured: () => ({ bytes, sha256: hash.digest('hex') }) };
}
