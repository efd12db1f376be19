import { resolve } from 'node:path';
import { uuidv7 } from 'uuidv7';
import type { Closers } from '../compose/closers.ts';
import type { Config } from '../config/config.ts';
import { findColumns } from '../feeds/register/columns.ts';
import { importRegister } from '../feeds/register/import-register.ts';
import { openRowFile } from '../feeds/register/open-row-file.ts';
import { registerSource } from '../feeds/register/register-source.ts';
import { openRejects } from '../feeds/register/rejects-file.ts';
import { createLeases } from '../jobs/lease.ts';
import { systemClock } from '../platform/clock.ts';
import { HaloError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import { placeOfPoint } from '../reports/place-of-point.ts';
import { createReportWriter } from '../reports/report-writer.ts';
import type { ImportArguments } from './arguments.ts';
import { openDatabase } from './open-database.ts';
import { createProgress } from './progress.ts';
import { summaryOf } from './summary.ts';

/** Where the command writes to. */
export interface ImportOutput {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/**
 * The whole command: looks at the file before any database is opened, imports it under a lease of its source, and says what
 * came of it. Resolves with false where `signal` has ended it early. Fails with what its parts fail with, and with
 * `import_running` while another import of the same source runs.
 */
export async function runImport(
  options: ImportArguments,
  config: Config,
  logger: Logger,
  closers: Closers,
  output: ImportOutput,
  signal: AbortSignal,
): Promise<boolean> {
  const startedAt = performance.now();
  if (resolve(options.rejects) === resolve(options.file))
    throw new HaloError('import_usage', '--rejects is the file that is to be imported.');
  const file = await openRowFile(options.file, options.delimiter);
  closers.add('file', () => file.close());
  const columnOf = findColumns(file.columns, options.mappings);
  const { url, pool, gazetteer } = await openDatabase(config, logger, closers);
  const lease = await createLeases({ databaseUrl: url, logger }).tryAcquire(`import ${options.source}`);
  if (lease === undefined)
    throw new HaloError('import_running', `Another import of "${options.source}" is running.`, {
      hint: 'Wait until it has ended.',
    });
  closers.add('lease', () => lease.release());
  const rejects = await openRejects(options.rejects, file.rawColumns);
  closers.add('rejects', () => rejects.close());
  const progress = createProgress(output, () => file.bytesRead() / Math.max(1, file.bytes), Date.now);
  const source = registerSource(options.source, file, {
    columnOf,
    clock: options.clock,
    accuracyM: options.accuracyM,
    placeOf: (point) => placeOfPoint(gazetteer, point),
    now: systemClock.now(),
  });
  const stop = AbortSignal.any([signal, lease.lost]);
  const parts = {
    pool,
    clock: systemClock,
    reports: createReportWriter({ newId: uuidv7 }),
    newId: uuidv7,
    rejects,
    onProgress: progress.show,
  };
  const result = await importRegister(source, parts, stop).finally(progress.end);
  const seconds = (performance.now() - startedAt) / 1000;
  output.write(summaryOf(result, columnOf, options.rejects, seconds));
  return result.isWhole;
}
