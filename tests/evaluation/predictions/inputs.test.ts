import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createGazetteer } from '../../../server/areas/gazetteer.ts';
import { isHaloError } from '../../../server/platform/errors.ts';
import type { HistoryIncident } from '../../../server/predictions/history-builder.ts';
import { removeDataDir } from '../../support/data-dir.ts';
import { readArguments } from './arguments.ts';
import type { EvaluationArguments } from './arguments.ts';
import { emptyWeeks, refuseBeyondEntries } from './coverage.ts';
import { evaluatePredictions } from './evaluate-predictions.ts';
import { weeksBetween } from './evaluate-series.ts';
import { fewOrigins } from './origins.ts';
import { archiveIncidents, registerIncidents } from './read-incidents.ts';
import { writeWhole } from './saved-results.ts';
import { csvOf, fileOf, REGISTER_DAYS, REGISTER_FROM, smallRegister } from './small-register.ts';
import type { Entry } from './small-register.ts';

const DAYS = ['--from', '2024-10-21', '--to', '2024-11-11'];
const NOW = new Date('2026-01-01T00:00:00Z');
const GAZETTEER = createGazetteer();
const ENTRY: Entry = {
  id: 'a',
  occurredAt: '2024-03-01T12:00:00Z',
  knownAt: '2024-03-02T12:00:00Z',
  lat: 59.33,
  lon: 18.07,
  category: 'theft',
};

function file(name: string, text: string): string {
  const path = fileOf(name, text);
  onTestFinished(() => removeDataDir(dirname(path)));
  return path;
}

function argumentsOf(source: string, ...more: string[]): EvaluationArguments {
  return readArguments(['--source', source, ...DAYS, '--out', join(dirname(source), 'out'), ...more])!;
}

function read(text: string, ...more: string[]) {
  return registerIncidents(argumentsOf(file('city.csv', text), ...more), GAZETTEER, NOW);
}

/** Runs the command on a register; the lines that it has printed. */
async function evaluate(text: string, ...more: string[]): Promise<readonly string[]> {
  const lines: string[] = [];
  const output = { print: (line: string) => void lines.push(line), log: () => {}, now: () => NOW };
  await evaluatePredictions(argumentsOf(file('city.csv', text), ...more), output);
  return lines;
}

/** What something fails with, as the command prints it. */
async function faultOf(failing: () => unknown): Promise<string> {
  try {
    await failing();
  } catch (error) {
    if (isHaloError(error))
      return [error.message, ...(error.hint === undefined ? [] : [error.hint])].join(' ');
    throw error;
  }
  throw new Error('it did not fail');
}

describe('entries of a register', () => {
  it('have times without an offset by --zone, and say that they need it', async () => {
    const text = csvOf([{ ...ENTRY, occurredAt: '2024-03-01 12:00', knownAt: '2024-03-02 12:00' }]);
    const { incidents, remarks } = await read(text, '--zone', 'America/Chicago');
    expect(incidents).toMatchObject([
      { occurredAtMs: Date.parse('2024-03-01T18:00:00Z'), knownAtMs: Date.parse('2024-03-02T18:00:00Z') },
    ]);
    expect(remarks).toEqual(['1 of 1 entries are used.']);
    expect(await faultOf(() => read(text))).toBe(
      "None of the file's entries can be used: 1 × time_without_zone: its time has no offset, and no --zone says in which zone it is meant.",
    );
  });

  it('are counted with the reasons for which some are left out, as an import leaves them out', async () => {
    const { incidents, remarks } = await read(
      csvOf([
        ENTRY,
        ENTRY,
        { ...ENTRY, id: 'b', occurredAt: 'yesterday' },
        { ...ENTRY, id: 'c', occurredAt: '2024-03-01 12:00' },
        { ...ENTRY, id: 'd', occurredAt: 'today' },
        { ...ENTRY, id: 'e', knownAt: '' },
        { ...ENTRY, id: 'f', category: 'sighting of a whale' },
      ]),
    );
    expect(incidents).toHaveLength(3);
    expect(remarks).toEqual([
      '3 of 7 entries are used.',
      '2 × time_unreadable: its time is not in the form 2015-01-31T23:59:00-06:00',
      '1 × id_repeated: a row before it has the same id',
      '1 × time_without_zone: its time has no offset, and no --zone says in which zone it is meant',
      '1 entries do not say when they were known: no forecast knew of them, and yet they came.',
      '1 entries have a type that the taxonomy lacks, and mostly count as "other": 1 × sighting of a whale.',
    ]);
  });

  it('must say when they were known, in a column that may have any name', async () => {
    const text = csvOf([ENTRY]).replace('known_at', 'filed');
    expect(await faultOf(() => read(text))).toMatch(
      /^Nothing says when an entry was known.* Name another one: --map "COLUMN=known_at"\.$/,
    );
    expect(await faultOf(() => read(csvOf([{ ...ENTRY, knownAt: '' }])))).toMatch(/^Nothing says when/);
    const { incidents } = await read(text, '--map', 'filed=known_at');
    expect(incidents).toMatchObject([{ knownAtMs: Date.parse(ENTRY.knownAt) }]);
  });
});

describe('an archive', () => {
  it('is refused in a sentence where it is not there, is none, or holds nothing of use', async () => {
    const archive = (path: string) => faultOf(() => archiveIncidents(path, GAZETTEER));
    expect(await archive('/nowhere.ndjson')).toBe('The archive /nowhere.ndjson cannot be read (ENOENT).');
    expect(await archive(file('a.ndjson', 'no JSON\n'))).toMatch(/^The archive .* cannot be read \(\w+\)\.$/);
    const path = file('a.ndjson.gz', '');
    const event = {
      id: 1,
      datetime: '2024-03-01 12:00:00 +01:00',
      name: '',
      summary: '',
      type: 'Stöld',
      url: '',
    };
    writeFileSync(path, gzipSync(JSON.stringify({ ...event, location: { name: 'Atlantis', gps: '0,0' } })));
    expect(await archive(path)).toMatch(/^None can be used: 0 of 1 events are used, 0 are notices, of 1 /);
  });
});

describe('the weeks of a test', () => {
  const day = (text: string) => Date.parse(`${text}T00:00:00Z`);
  const starts = (from: string, to: string) =>
    weeksBetween(day(from), day(to)).map((window) =>
      new Date(window * 21_600_000).toISOString().slice(0, 10),
    );

  it('are whole ones from Monday on, both days taken as the clocks show them', () => {
    expect(starts('2024-10-21', '2024-11-04')).toEqual(['2024-10-21', '2024-10-28']);
    expect(starts('2024-10-22', '2024-11-03')).toEqual([]);
    expect(starts('2024-10-20', '2024-11-03')).toEqual(['2024-10-21']);
  });

  it('are warned of below 52', () => {
    expect(fewOrigins(52)).toBeUndefined();
    expect(fewOrigins(51)).toMatch(/^Warning: 51 weekly origins are fewer than 52\./);
  });

  it('end with the day of the last entry, by the clocks of the zone', async () => {
    const at = (text: string): HistoryIncident => ({
      ...ENTRY,
      type: 'theft',
      occurredAtMs: Date.parse(text),
      knownAtMs: Date.parse(text),
      region: null,
      municipality: null,
      isPoint: true,
    });
    const ending = (to: string, zone: string) => () =>
      refuseBeyondEntries([at('2024-11-10T03:00:00Z'), at('2024-03-01T03:00:00Z')], {
        zone,
        to,
        toShownMs: day(to),
      });
    expect(ending('2024-11-11', 'UTC')).not.toThrow();
    expect(ending('2024-11-10', 'America/Chicago')).not.toThrow();
    expect(await faultOf(ending('2024-11-11', 'America/Chicago'))).toBe(
      '--to 2024-11-11 lies beyond the last entry, of 2024-11-09: what came after it is not known. Give --to 2024-11-10 at the latest.',
    );
  });

  it('are warned of where nothing at all is entered in some', () => {
    const weeks = weeksBetween(day('2024-10-21'), day('2024-11-11'));
    const at = (text: string) => ({ occurredAtMs: day(text) }) as HistoryIncident;
    const all = [at('2024-10-21'), at('2024-11-03'), at('2024-11-10')];
    expect(emptyWeeks(all, weeks, 'UTC')).toBeUndefined();
    expect(emptyWeeks(all.slice(1), weeks, 'UTC')).toMatch(/^Warning: in 1 of the 3 weeks nothing/);
  });
});

describe('the command', () => {
  it('refuses days beyond the last entry before it computes anything', async () => {
    const last = new Date(REGISTER_FROM.getTime() + REGISTER_DAYS * 86_400_000).toISOString().slice(0, 10);
    const text = csvOf(smallRegister());
    expect(await faultOf(() => evaluate(text, '--to', '2025-03-01'))).toMatch(
      new RegExp(`^--to 2025-03-01 lies beyond the last entry.* Give --to ${last} at the latest\\.$`),
    );
  });

  it('names a series whose kind of place nothing happened in, and what is not known yet', async () => {
    const text = csvOf([
      ENTRY,
      { ...ENTRY, id: 'b', occurredAt: '2024-11-10T12:00:00Z', knownAt: '2024-11-11' },
    ]);
    const inChicago = text.replaceAll('59.33,18.07', '41.88,-87.63');
    const lines = await evaluate(inChicago, '--places', 'municipality,cell-9', '--categories', 'all');
    expect(lines).toContain(
      'municipality all: not tested. Nothing that is learnt from happened in a place of this kind.',
    );
    expect(lines.join('\n')).toMatch(
      /^cell-9 all: not tested\. Of what was known by 2024-10-21T05:00.*: 0 weeks are known/m,
    );
    expect(lines.join('\n')).toMatch(/^ {2}Warning: in 2 of the 3 weeks nothing at all is entered/m);
  });

  it.each([
    [['--from', '2024-10-22', '--to', '2024-10-29'], 'No week from Monday on lies between --from and --to.'],
    [['--to', '2024-02-30'], '--to must be a day, as 2018-01-01.'],
    [['--zone', 'Mars/Utopia'], '--zone Mars/Utopia is no time zone'],
    [['--categories', 'all,arson'], 'There is no arson: --categories takes all,'],
    [['--places', 'cell-7'], 'There is no cell-7: --places takes cell-9,'],
    [['--nonsense'], "Unknown option '--nonsense'"],
    [['--map', 'known_at'], '--map known_at must have the form COLUMN=FIELD.'],
    [['--out', '/nowhere/at/all'], 'The folder of --out /nowhere/at/all cannot be written to.'],
  ])('refuses %j', async (more, sentence) => {
    expect(await faultOf(() => evaluate(csvOf([ENTRY]), ...more))).toContain(sentence);
  });

  it('refuses saved results that cannot be read, as of a version before', async () => {
    const source = file('city.csv', csvOf([ENTRY]));
    const output = { print: () => {}, log: () => {}, now: () => NOW };
    const saved = join(dirname(source), 'out.json');
    for (const text of ['{"asked"', 'null', '{"asked":{"source":"city.csv"},"results":[]}']) {
      writeFileSync(saved, text);
      expect(await faultOf(() => evaluatePredictions(argumentsOf(source), output))).toMatch(
        /^.*out\.json holds (no test that can be read|another test) \(.*\)\. Name another --out, or remove it\.$/,
      );
    }
  });
});

it('says that a report cannot be written where it is to lie', () => {
  const folder = dirname(file('city.csv', ''));
  expect(() => writeWhole(folder, 'a report')).toThrowError(
    expect.objectContaining({
      code: 'evaluation_out_unwritable',
      message: `${folder} cannot be written (EISDIR).`,
    }),
  );
  rmSync(`${folder}.new`);
});
