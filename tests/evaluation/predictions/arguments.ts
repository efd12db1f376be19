import { parseArgs } from 'node:util';
import type { Mapping } from '../../../server/feeds/register/columns.ts';
import { delimiterOf, mappingOf } from '../../../server/import/arguments.ts';
import { HaloError, sentenceOf } from '../../../server/platform/errors.ts';
import { wallClock } from '../../../server/platform/wall-clock.ts';
import type { WallClock } from '../../../server/platform/wall-clock.ts';
import { CATEGORIES } from '../../../server/predictions/categories.ts';
import type { PlaceKind, Series } from '../../../server/predictions/forecast.ts';

const KINDS: readonly PlaceKind[] = ['cell-9', 'cell-10', 'municipality'];

export const USAGE = `Usage: npm run evaluate:predictions -- --source FILE --from DAY --to DAY [options]

Forecasts every week between two days from what was known at its beginning, and compares with what came: the model, and
three baselines. FILE is a register's CSV or GeoJSON, as npm run import takes it, with a column that says when each entry
was known; or an archive of polisen.se's events, one a line (.ndjson). All may be gzipped.

  --zone ZONE          whose clocks say which window it is (America/Chicago for a register, Europe/Stockholm for the archive);
                       where it is given, also the zone of a register's times that have no offset, which are left out else
  --map COLUMN=FIELD   reads a field of a register from a column of another name, as npm run import does (repeatable)
  --delimiter SIGN     what parts the columns of a register's CSV (,)
  --places KINDS       ${KINDS.join(', ')}, with commas between (cell-9; for the archive municipality)
  --categories NAMES   with commas between (${Object.keys(CATEGORIES).join(',')})
  --out NAME           writes NAME.html, the report, and NAME.json (predictions). Series that the JSON holds already are not
                       computed again; it is refused where it is of another file, other options, or models learnt in another way.
`;

/** What the command was asked for. */
export interface EvaluationArguments {
  readonly source: string;
  readonly isArchive: boolean;
  /** Days as they were given, and their midnights by the zone's clocks, in milliseconds as if it were UTC. */
  readonly from: string;
  readonly to: string;
  readonly fromShownMs: number;
  readonly toShownMs: number;
  readonly zone: string;
  /** Of a register the zone's clock where the zone was given: a guessed one says nothing of times that name none. */
  readonly clock: WallClock | undefined;
  readonly mappings: readonly Mapping[];
  readonly delimiter: string;
  readonly placeKinds: readonly PlaceKind[];
  readonly series: readonly Series[];
  readonly out: string;
}

/** Reads the command's arguments; undefined where help is asked for. Fails with `evaluation_usage` or `import_usage`. */
export function readArguments(args: readonly string[]): EvaluationArguments | undefined {
  const values = parse(args);
  if (values.help === true) return undefined;
  const { source, from, to } = values;
  if (source === undefined || from === undefined || to === undefined)
    throw usage('--source, --from and --to are needed.');
  const [fromShownMs, toShownMs] = [dayOf(from, '--from'), dayOf(to, '--to')];
  const isArchive = /\.ndjson(\.gz)?$/.test(source);
  if (isArchive && (values.map !== undefined || values.delimiter !== undefined))
    throw usage('--map and --delimiter are for registers.');
  const zone = values.zone ?? (isArchive ? 'Europe/Stockholm' : 'America/Chicago');
  const clock = wallClock(zone);
  if (clock === undefined) throw usage(`--zone ${zone} is no time zone; one is Europe/Stockholm.`);
  const placeKinds = chosen(values.places ?? (isArchive ? 'municipality' : 'cell-9'), KINDS, '--places');
  const categories = chosen(values.categories, Object.keys(CATEGORIES), '--categories');
  return {
    source,
    isArchive,
    from,
    to,
    fromShownMs,
    toShownMs,
    zone,
    clock: isArchive || values.zone === undefined ? undefined : clock,
    mappings: (values.map ?? []).map(mappingOf),
    delimiter: delimiterOf(values.delimiter),
    placeKinds,
    series: placeKinds.flatMap((placeKind) => categories.map((category) => ({ placeKind, category }))),
    out: values.out,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        source: { type: 'string' },
        from: { type: 'string' },
        to: { type: 'string' },
        zone: { type: 'string' },
        map: { type: 'string', multiple: true },
        delimiter: { type: 'string' },
        places: { type: 'string' },
        categories: { type: 'string' },
        out: { type: 'string', default: 'predictions' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw usage(sentenceOf(error));
  }
}

function chosen<Name extends string>(
  text: string | undefined,
  all: readonly Name[],
  option: string,
): readonly Name[] {
  if (text === undefined) return all;
  const names = [...new Set(text.split(','))];
  const unknown = names.filter((name) => !all.includes(name as Name));
  if (unknown.length > 0)
    throw usage(`There is no ${unknown.join(', ')}: ${option} takes ${all.join(', ')}.`);
  return names as Name[];
}

function dayOf(text: string, option: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : NaN;
  // Some days that no month has are taken for ones of the next.
  if (Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(text))
    throw usage(`${option} must be a day, as 2018-01-01.`);
  return ms;
}

function usage(message: string): HaloError {
  return new HaloError('evaluation_usage', message, {
    hint: 'npm run evaluate:predictions -- --help says more.',
  });
}
