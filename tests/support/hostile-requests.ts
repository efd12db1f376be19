import { storableText } from '../../server/platform/storable-text.ts';
import { exampleRequest } from './api-document.ts';
import type { Operation } from './api-document.ts';

/** A request that nobody sends who means well. */
export interface HostileRequest {
  /** What is hostile about it, for whoever reads that it broke something. */
  readonly what: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | undefined;
}

const NUL = '\u0000';
const LONG = 'x'.repeat(70_000);
/** Values of a query, a path or a header: texts. */
const TEXTS: readonly string[] = [
  '',
  ' ',
  NUL,
  `a${NUL}b`,
  '\ud800',
  '\u202e\ufeff\u{1f4a9}',
  '-1',
  '-0',
  '00000000000000000000001',
  '9223372036854775808',
  '1e400',
  '-Infinity',
  'NaN',
  '0x10',
  '1,2,3,4,5,6,7,8,9',
  '__proto__',
  'constructor',
  'toString',
  `'; DROP TABLE users; --`,
  `$1::text`,
  '%',
  '%00',
  '\\u0000',
  '../../../etc/passwd',
  '{"a":1}',
  '[[[[[[',
  '2026-02-30T25:61:61Z',
  '+999999-12-31T23:59:59Z',
  '00000000-0000-0000-0000-000000000000',
  LONG.slice(0, 5_000),
];

/** Values in a body. */
const VALUES: readonly unknown[] = [
  ...TEXTS,
  LONG,
  null,
  true,
  0,
  -1,
  1.5,
  2 ** 53 + 2,
  -(2 ** 63),
  1.7976931348623157e308,
  5e-324,
  [],
  {},
  [null],
  Array.from({ length: 5_000 }, () => 0),
  { toString: 1, valueOf: null, length: -1 },
  JSON.parse('{"__proto__":{"role":"operator"},"constructor":{"prototype":{"role":"operator"}}}') as unknown,
  nested(40),
  nested(2_000),
];

const encoder = new TextEncoder();
/** Bodies that are no JSON, or more of it than anybody has. */
const BODIES: readonly (readonly [string, string | Uint8Array])[] = [
  ['an empty body', ''],
  ['half a body', '{"a":'],
  ['a body of NUL', NUL.repeat(10)],
  ['malformed UTF-8', Uint8Array.of(0x7b, 0x22, 0xc0, 0xaf, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d)],
  [
    'malformed UTF-8 in a text',
    bytesIn('{"email":"', Uint8Array.of(0xed, 0xa0, 0x80, 0xff), '","password":"x"}'),
  ],
  ['a byte order mark', Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b, 0x7d)],
  ['UTF-16', Uint8Array.of(0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00)],
  ['arrays nested 400,000 deep', '['.repeat(400_000)],
  ['arrays nested and closed', '['.repeat(200_000) + ']'.repeat(200_000)],
  ['objects nested 100,000 deep', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
  ['a number beyond all', '{"a":1e999999}'],
  ['a number of 100,000 digits', `{"a":${'9'.repeat(100_000)}}`],
  ['the same key twice', '{"role":"reporter","role":"operator"}'],
  ['a prototype', '{"__proto__":{"role":"operator"},"constructor":1}'],
  ['a list', '[]'],
  ['null', 'null'],
  ['a text', '"text"'],
  ['more than is taken', ' '.repeat(1_200_000)],
];

function nested(depth: number): unknown {
  return JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as unknown;
}

function bytesIn(before: string, bytes: Uint8Array, after: string): Uint8Array {
  return Uint8Array.of(...encoder.encode(before), ...bytes, ...encoder.encode(after));
}

/** Of a list each that many-th, another part for each input: what an operation takes is judged by the same few schemas everywhere. */
const EACH = 4;
const share = <T>(all: readonly T[], input: number): readonly T[] =>
  all.filter((_, index) => index % EACH === input % EACH);

/** Hostile requests to an operation: each of its inputs in turn, and its body as a whole; all else is as in its examples. */
export function* hostileRequests(operation: Operation): Generator<HostileRequest> {
  const example = exampleRequest(operation);
  const json = { 'content-type': 'application/json', ...example.headers };
  const body = operation.hasBody ? JSON.stringify(example.body ?? {}) : undefined;
  const usual = { method: example.method, path: example.path, headers: json, body };
  const seed = operation.path.length + operation.method.length;
  for (const [n, { name, in: place }] of operation.parameters.entries()) {
    for (const text of share(TEXTS, seed + n)) {
      const what = `${place} ${name} = ${JSON.stringify(text.slice(0, 40))}`;
      if (place === 'query') yield { ...usual, what, path: withQuery(example.path, name, text) };
      else if (place === 'path') yield { ...usual, what, path: pathWith(operation, name, text) };
      // The others cannot be sent by any client.
      else if (/^[\x20-\x7e]*$/.test(text)) yield { ...usual, what, headers: { ...json, [name]: text } };
    }
    if (place !== 'query') continue;
    const again = `${example.path}${example.path.includes('?') ? '&' : '?'}${name}=1&${name}=2`;
    yield { ...usual, what: `query ${name} given again`, path: again };
  }
  yield {
    ...usual,
    what: 'a query of prototypes',
    path: withQuery(example.path, '__proto__[role]', 'operator'),
  };
  if (!operation.hasBody) return;
  for (const [what, hostile] of BODIES) yield { ...usual, what, body: hostile };
  for (const type of ['text/plain', 'application/json; charset=utf-16', 'multipart/form-data', ''])
    yield { ...usual, what: `content-type ${type}`, headers: { ...json, 'content-type': type } };
  for (const path of leavesOf(example.body, [])) {
    for (const value of share(VALUES, seed + path.join('.').length)) {
      const changed = JSON.stringify(withValue(example.body, path, value));
      yield {
        ...usual,
        what: `${path.join('.')} = ${(JSON.stringify(value) ?? '').slice(0, 60)}`,
        body: changed,
      };
    }
  }
}

function withQuery(path: string, name: string, text: string): string {
  const [base = '', query = ''] = path.split('?');
  const all = new URLSearchParams(query);
  all.set(name, text);
  return `${base}?${all.toString()}`;
}

function pathWith(operation: Operation, name: string, text: string): string {
  // A dot segment is resolved away before it is sent.
  const escaped = encodeURIComponent(storableText(text)).replaceAll('.', '%2e') || '%20';
  const parameters = operation.parameters.filter((each) => each.name !== name);
  const path = operation.path.replaceAll(`{${name}}`, escaped);
  return exampleRequest({ ...operation, path, parameters }).path;
}

/** Paths of all members of a JSON value, and of the members of those. */
function* leavesOf(
  value: unknown,
  path: readonly (string | number)[],
): Generator<readonly (string | number)[]> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    const at = [...path, Array.isArray(value) ? Number(key) : key];
    yield at;
    yield* leavesOf(member, at);
  }
}

function withValue(value: unknown, [key, ...rest]: readonly (string | number)[], put: unknown): unknown {
  if (key === undefined) return put;
  const copy = structuredClone(value) as Record<string | number, unknown>;
  copy[key] = withValue(copy[key], rest, put);
  return copy;
}
