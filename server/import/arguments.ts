import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { HaloError, sentenceOf } from '../platform/errors.ts';
import type { Mapping } from '../feeds/register/columns.ts';
import { FIELDS } from '../feeds/register/columns.ts';
import { POLISEN } from '../feeds/polisen/polisen-source.ts';
import { wallClock } from '../platform/wall-clock.ts';
import type { WallClock } from '../platform/wall-clock.ts';

/** Registers tell the block, not the door. */
const ACCURACY_M = 100;
const MAX_ACCURACY_M = 100_000;

export const USAGE = `Usage: npm run import -- FILE --source NAME [options]

Brings the entries of an official register into Halo, each as an official report: from a CSV whose first row names its
columns, or a GeoJSON FeatureCollection of points; gzipped ones too. Give the same command again after an interruption, or
with a newer file: what is there already is left alone.

  --source NAME        what the register is called here; its entries' ids are told apart by it
  --map COLUMN=FIELD   reads a field from a column of another name (repeatable); fields are
                       ${Object.keys(FIELDS).slice(0, 6).join(', ')},
                       ${Object.keys(FIELDS).slice(6).join(', ')}
  --timezone ZONE      zone of times that have no offset, for instance America/Chicago
  --accuracy-m METRES  how far positions may be off (${ACCURACY_M})
  --delimiter SIGN     what parts the columns of a CSV (,)
  --rejects FILE       where rows go that cannot be used, with the reason (FILE.rejects.csv in the current folder)

A database is found as by npm start: DATABASE_URL, or the one in HALO_DATA_DIR, whether or not a server runs there.
`;

/** What the command was asked for. */
export interface ImportArguments {
  readonly file: string;
  readonly source: string;
  readonly mappings: readonly Mapping[];
  readonly clock: WallClock | undefined;
  readonly accuracyM: number;
  readonly delimiter: string;
  readonly rejects: string;
}

/** Reads the command's arguments; undefined where help is asked for. Fails with `import_usage`, saying what is wrong. */
export function readArguments(args: readonly string[]): ImportArguments | undefined {
  const { values, positionals } = parse(args);
  if (values.help === true) return undefined;
  const [file, ...others] = positionals;
  if (file === undefined) throw usage('No file is named.');
  if (others.length > 0) throw usage(`One file at a time, and not also ${others.join(' ')}.`);
  return {
    file,
    source: sourceOf(values.source),
    mappings: (values.map ?? []).map(mappingOf),
    clock: clockOf(values.timezone),
    accuracyM: accuracyOf(values['accuracy-m']),
    delimiter: delimiterOf(values.delimiter),
    rejects: values.rejects ?? `${basename(file)}.rejects.csv`,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        source: { type: 'string' },
        map: { type: 'string', multiple: true },
        timezone: { type: 'string' },
        'accuracy-m': { type: 'string' },
        delimiter: { type: 'string' },
        rejects: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw usage(sentenceOf(error));
  }
}

function sourceOf(name: string | undefined): string {
  if (name === undefined) throw usage('--source NAME is missing: what is the register called?');
  if (!/^[a-z0-9][a-z0-9_-]{0,39}$/.test(name))
    throw usage('--source must be up to 40 small letters, digits, - and _.');
  if (name === POLISEN.feed) throw usage(`--source ${name} is the police feed, which is polled.`);
  return name;
}

/** Reads `--map COLUMN=FIELD`. Fails with `import_usage`. */
export function mappingOf(text: string): Mapping {
  const at = text.lastIndexOf('=');
  if (at <= 0 || at === text.length - 1) throw usage(`--map ${text} must have the form COLUMN=FIELD.`);
  return { column: text.slice(0, at), field: text.slice(at + 1) };
}

function clockOf(zone: string | undefined): WallClock | undefined {
  if (zone === undefined) return undefined;
  const clock = wallClock(zone);
  if (clock === undefined) throw usage(`--timezone ${zone} is no time zone; one is Europe/Stockholm.`);
  return clock;
}

function accuracyOf(text: string | undefined): number {
  if (text === undefined) return ACCURACY_M;
  const metres = Number(text);
  if (text.trim() !== '' && metres >= 0 && metres <= MAX_ACCURACY_M) return metres;
  throw usage(`--accuracy-m must be a number of metres from 0 to ${MAX_ACCURACY_M}.`);
}

/** Reads `--delimiter`; a comma unless given. Fails with `import_usage`. */
export function delimiterOf(text = ','): string {
  const sign = text === '\\t' ? '\t' : text;
  if (sign.length !== 1 || /["\r\n]/.test(sign)) throw usage('--delimiter must be one sign, or \\t.');
  return sign;
}

function usage(message: string): HaloError {
  return new HaloError('import_usage', message, { hint: 'npm run import -- --help says more.' });
}
