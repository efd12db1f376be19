import { open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { HaloError, messageOf } from '../../platform/errors.ts';
import type { Reject } from './row.ts';

const FIRST_COLUMNS = 'line,reason';

/** The file that rows go to which cannot be imported. */
export interface RejectsFile {
  write(rejects: readonly Reject[]): Promise<void>;
  /** Closes it; one without rejects is removed. */
  close(): Promise<void>;
}

/**
 * Begins a file of rejects: a CSV of the line, the reason's code, and the row as it was, so that a mended one can itself be
 * imported. A former one is replaced; any other file is left alone: `import_rejects_taken`. Fails with
 * `import_rejects_unwritable`.
 */
export async function openRejects(path: string, rawColumns: readonly string[]): Promise<RejectsFile> {
  const file = await begin(path);
  let written = 0;
  await file.write(`${FIRST_COLUMNS},${csvLine(rawColumns)}\n`);
  return {
    async write(rejects) {
      if (rejects.length === 0) return;
      written += rejects.length;
      const lines = rejects.map(({ row, reason }) => `${row.line},${reason},${csvLine(row.raw)}\n`);
      await file.write(lines.join(''));
    },
    async close() {
      await file.close();
      if (written === 0) await rm(path, { force: true });
    },
  };
}

async function begin(path: string): Promise<FileHandle> {
  try {
    const file = await open(path, 'a+', 0o600);
    const { buffer, bytesRead } = await file.read(
      Buffer.alloc(FIRST_COLUMNS.length),
      0,
      FIRST_COLUMNS.length,
      0,
    );
    if (bytesRead > 0 && buffer.toString('utf8') !== FIRST_COLUMNS) {
      await file.close();
      throw new HaloError(
        'import_rejects_taken',
        `${path} is no file of rejects, and would be overwritten.`,
        {
          hint: 'Name another one: --rejects FILE.',
        },
      );
    }
    await file.truncate();
    return file;
  } catch (cause) {
    if (cause instanceof HaloError) throw cause;
    const reason = (cause as NodeJS.ErrnoException).code ?? messageOf(cause);
    throw new HaloError('import_rejects_unwritable', `Rejects cannot be written to ${path} (${reason}).`, {
      hint: 'Name another file: --rejects FILE.',
      cause,
    });
  }
}

function csvLine(cells: readonly string[]): string {
  return cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',');
}
