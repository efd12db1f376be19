/** The settings come first in a script of pg_restore, before anything that the database holds. */
const HEAD_BYTES = 8_192;
const UNKNOWN_BEFORE_17 = 'SET transaction_timeout = 0;\n';

/** A script of pg_restore 17 or newer, without the one setting in its head that servers before 17 refuse. */
export async function* withKnownSettings(script: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of script) {
    if (head === undefined) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < HEAD_BYTES) continue;
    yield* withoutIt(head);
    head = undefined;
  }
  if (head !== undefined) yield* withoutIt(head);
}

function withoutIt(head: Buffer): Buffer[] {
  const at = head.indexOf(`\n${UNKNOWN_BEFORE_17}`) + 1;
  if (at === 0 || at > HEAD_BYTES) return [head];
  return [head.subarray(0, at), head.subarray(at + UNKNOWN_BEFORE_17.length)];
}
