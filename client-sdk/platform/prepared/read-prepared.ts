import { MAX_PACKED_BYTES, unpack } from './prepared-replica.ts';
import type { PreparedReplica } from './prepared-replica.ts';

/** Reads a packed and gzipped replica. Rejects where it is damaged (gzip has a check sum), too large, or no such thing. */
export async function readPrepared(file: Blob, maxBytes = MAX_PACKED_BYTES): Promise<PreparedReplica> {
  const inflated = file.stream().pipeThrough(new DecompressionStream('gzip'));
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for (const reader = inflated.getReader(); ;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > maxBytes) {
      await reader.cancel();
      throw new Error(`a prepared replica has at most ${maxBytes} bytes`);
    }
    parts.push(value);
  }
  return unpack(new Uint8Array(await new Blob(parts).arrayBuffer()));
}
