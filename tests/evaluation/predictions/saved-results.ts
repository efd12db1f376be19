import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { HaloError, messageOf } from '../../../server/platform/errors.ts';
import type { SeriesResult } from './evaluate-series.ts';

/** What was tested: results of the same are the same, whenever they are computed. */
export interface Asked {
  readonly source: string;
  /** Of the file as it lies there, in hexadecimal digits. */
  readonly sha256: string;
  readonly from: string;
  readonly to: string;
  readonly zone: string;
  /** Whether a register's times without an offset were read by the zone. */
  readonly isZoneGiven: boolean;
  /** `COLUMN=FIELD`, and what parts columns. */
  readonly mappings: readonly string[];
  readonly delimiter: string;
  /** In which way models are learnt (`PROCEDURE`, which holds the features' version), and how they are tested. */
  readonly procedure: string;
  readonly test: string;
}

/** A result, and when it was computed: an ISO 8601 time in UTC. */
export type DatedResult = SeriesResult & { readonly computedAt: string };

/** The results that a file holds, none where it is not there. Fails with `evaluation_other_test` where they are of something else. */
export function readResults(path: string, asked: Asked): DatedResult[] {
  if (!existsSync(path)) return [];
  const file = parsed(path);
  const before: Partial<Record<string, unknown>> = file?.asked ?? {};
  const differing = Object.entries(asked).flatMap(([name, value]) =>
    JSON.stringify(before[name]) === JSON.stringify(value) ? [] : [name],
  );
  if (differing.length > 0 || !Array.isArray(file?.results))
    throw new HaloError(
      'evaluation_other_test',
      `${path} holds another test (${differing.join(', ') || 'without results'}).`,
      { hint: 'Name another --out, or remove it.' },
    );
  return file.results as DatedResult[];
}

/** Writes results so that an interruption leaves the former ones or the new ones, never half of a file. */
export function writeResults(path: string, asked: Asked, results: readonly DatedResult[]): void {
  writeWhole(path, JSON.stringify({ asked, results }));
}

/** Writes a file as a whole. Fails with `evaluation_out_unwritable`. */
export function writeWhole(path: string, text: string): void {
  try {
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? messageOf(cause);
    throw new HaloError('evaluation_out_unwritable', `${path} cannot be written (${reason}).`, {
      hint: 'Name another --out.',
      cause,
    });
  }
}

/** SHA-256 of a file in hexadecimal digits. Fails with `evaluation_file_unreadable`. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? messageOf(cause);
    throw new HaloError('evaluation_file_unreadable', `The file ${path} cannot be read (${reason}).`, {
      cause,
    });
  }
  return hash.digest('hex');
}

function parsed(path: string): { asked?: Record<string, unknown>; results?: unknown } | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ReturnType<typeof parsed>;
  } catch (cause) {
    throw new HaloError(
      'evaluation_other_test',
      `${path} holds no test that can be read (${messageOf(cause)}).`,
      {
        hint: 'Name another --out, or remove it.',
        cause,
      },
    );
  }
}
