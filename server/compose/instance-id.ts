import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from '../platform/durable-file.ts';
import { HaloError } from '../platform/errors.ts';

const FORM = /^[0-9a-f]{12}$/;
/** What a power cut leaves of a file that was never synced: nothing, or its length in zero bytes. */
const EMPTY = /^[\0\s]*$/;

/**
 * Names this instance for as long as its data directory lives: the slot belongs to the log that lies there.
 * Fails with `instance_id_invalid`, naming the file, when something else than an id is in it.
 *
 * An empty file is no id of anybody's, so a new one is made: that costs a new slot and a log begun anew, and
 * the slot of the lost id is dropped in its time like every slot that nobody comes back for. Other text is
 * somebody's mistake (a file edited or copied in), which only he can judge.
 */
export async function loadInstanceId(dataDir: string): Promise<string> {
  const file = join(dataDir, 'instance-id');
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return '';
  });
  if (FORM.test(text.trim())) return text.trim();
  if (!EMPTY.test(text)) {
    throw new HaloError('instance_id_invalid', `The file ${file} does not hold an instance id.`, {
      field: 'HALO_DATA_DIR',
      hint: 'Restore its 12 hexadecimal digits, or remove it: devices then fetch their shapes again once.',
    });
  }
  const id = randomBytes(6).toString('hex');
  await writeDurably(file, `${id}\n`, 0o644);
  return id;
}
