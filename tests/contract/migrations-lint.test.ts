import { readFileSync } from 'node:fs';
import { loadModule } from 'libpg-query';
import { beforeAll, describe, expect, it } from 'vitest';
import { lintMigration } from '../../.ci/migrations/lint.mjs';

beforeAll(() => loadModule());

const TRIGGER = 'CREATE TRIGGER t BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION f();';
const HEAD = '-- locks: people and others, for a moment\n';
const codes = (sql: string, file = '0040_change.sql') => [
  ...new Set(lintMigration(file, sql).map(({ code }) => code)),
];

describe('a migration may', () => {
  it.each([
    ['log former rows whole', 'ALTER TABLE people REPLICA IDENTITY FULL;'],
    ['replicate a table', 'ALTER PUBLICATION p ADD TABLE people;'],
    ['add a label', `ALTER TYPE kind ADD VALUE 'c';`],
    ['give a right', 'GRANT SELECT ON people TO reader;'],
    ['leave rows that are there', 'INSERT INTO people VALUES (1) ON CONFLICT DO NOTHING;'],
  ])('%s', (_, sql) => {
    expect(codes(HEAD + sql)).toEqual([]);
  });
});

describe('a migration is refused that', () => {
  it.each([
    ['makes an index while nobody can write', 'CREATE INDEX i ON people (name);', 'index_locks_writers'],
    ['drops one so', 'DROP INDEX i;', 'index_locks_writers'],
    ['builds one so', 'REINDEX TABLE people;', 'index_locks_writers'],
    ['adds a unique constraint', 'ALTER TABLE people ADD UNIQUE (name);', 'index_locks_writers'],
    ['adds a unique column', 'ALTER TABLE people ADD COLUMN code text UNIQUE;', 'index_locks_writers'],
    ['adds a check', 'ALTER TABLE people ADD CHECK (age > 0);', 'constraint_scans'],
    ['adds a checked column', 'ALTER TABLE people ADD COLUMN age int CHECK (age > 0);', 'constraint_scans'],
    ['adds a reference', 'ALTER TABLE people ADD FOREIGN KEY (a) REFERENCES people;', 'constraint_scans'],
    [
      'validates what it adds itself',
      'ALTER TABLE people ADD CONSTRAINT c CHECK (age > 0) NOT VALID; ALTER TABLE people VALIDATE CONSTRAINT c;',
      'constraint_scans',
    ],
    ['sets NOT NULL', 'ALTER TABLE people ALTER name SET NOT NULL;', 'not_null_scans'],
    ['adds NOT NULL without a default', 'ALTER TABLE people ADD COLUMN a int NOT NULL;', 'not_null_scans'],
    ['changes a type', 'ALTER TABLE people ALTER age TYPE bigint;', 'rewrites_table'],
    [
      'has a volatile default',
      'ALTER TABLE people ADD COLUMN k uuid DEFAULT gen_random_uuid();',
      'rewrites_table',
    ],
    [
      'hides one',
      `ALTER TABLE people ADD COLUMN k text DEFAULT 'a' || lower(random()::text);`,
      'rewrites_table',
    ],
    ['adds a serial', 'ALTER TABLE people ADD COLUMN n bigserial;', 'rewrites_table'],
    ['adds an identity', 'ALTER TABLE people ADD n int GENERATED ALWAYS AS IDENTITY;', 'rewrites_table'],
    [
      'adds a computed column',
      'ALTER TABLE people ADD n int GENERATED ALWAYS AS (1) STORED;',
      'rewrites_table',
    ],
    ['writes a table into the log', 'ALTER TABLE people SET LOGGED;', 'rewrites_table'],
    ['drops a constraint', 'ALTER TABLE people DROP CONSTRAINT c;', 'drops_constraint'],
    ['logs less of former rows', 'ALTER TABLE people REPLICA IDENTITY DEFAULT;', 'takes_away'],
    ['ends the replication of a table', 'ALTER PUBLICATION p DROP TABLE people;', 'takes_away'],
    ['sets what is replicated', 'ALTER PUBLICATION p SET TABLE people;', 'takes_away'],
    ['renames a label', `ALTER TYPE kind RENAME VALUE 'a' TO 'b';`, 'takes_away'],
    ['takes a right', 'REVOKE ALL ON people FROM PUBLIC;', 'takes_away'],
    [
      'changes rows that are there already',
      'INSERT INTO people VALUES (1) ON CONFLICT (id) DO UPDATE SET id = 1;',
      'backfill',
    ],
    ['locks', 'LOCK TABLE people;', 'locks_all'],
    ['empties', 'TRUNCATE people;', 'locks_all'],
    ['drops a column', 'ALTER TABLE people DROP COLUMN name;', 'takes_away'],
    ['drops a table', 'DROP TABLE people;', 'takes_away'],
    ['renames a column', 'ALTER TABLE people RENAME COLUMN name TO title;', 'takes_away'],
    ['renames a table', 'ALTER TABLE people RENAME TO persons;', 'takes_away'],
    ['fills all rows', 'UPDATE people SET age = 1;', 'backfill'],
    ['waits as long as it likes', 'SET lock_timeout = 0;', 'runner_only'],
    ['ends its transaction', 'COMMIT;', 'runner_only'],
    [
      'holds one table while it waits for another',
      'ALTER TABLE people ADD a int; ALTER TABLE others ADD a int;',
      'locks_several',
    ],
    [
      'makes a table that refers to two',
      'CREATE TABLE a (id int REFERENCES people, b int, FOREIGN KEY (b) REFERENCES others);',
      'locks_several',
    ],
    [
      'has a table refer to another, for later',
      'ALTER TABLE people ADD FOREIGN KEY (a) REFERENCES others NOT VALID;',
      'locks_several',
    ],
    [
      'takes a trigger from one table and alters another',
      'DROP TRIGGER t ON people; ALTER TABLE others ADD a int;',
      'locks_several',
    ],
    ['locks rows', 'SELECT name FROM people FOR UPDATE;', 'unjudged'],
    ['locks rows to copy them', 'INSERT INTO a SELECT name FROM people FOR SHARE;', 'unjudged'],
    ['locks by a function', 'SELECT pg_advisory_lock(1);', 'unjudged'],
    ['calls what may lock', 'CREATE TABLE a AS SELECT f(name) FROM people;', 'unjudged'],
    ['hides that it empties', 'WITH gone AS (DELETE FROM people) SELECT 1;', 'backfill'],
    ['does what nobody has judged', 'DO $$ BEGIN END $$;', 'unjudged'],
    ['alters as nobody has judged', 'ALTER TABLE people CLUSTER ON i;', 'unjudged'],
    ['mixes', 'CREATE INDEX CONCURRENTLY i ON people (name); ALTER TABLE people ADD a int;', 'not_alone'],
    [
      'has two statements without a transaction',
      '-- transaction: none\nCREATE INDEX CONCURRENTLY i ON people (a); CREATE INDEX CONCURRENTLY j ON people (b);',
      'not_alone',
    ],
    [
      'drops an index that may be gone already',
      '-- transaction: none\nDROP INDEX CONCURRENTLY i;',
      'not_repeatable',
    ],
    [
      'makes an index that nobody could drop by its name',
      '-- transaction: none\nCREATE INDEX CONCURRENTLY ON people (name);',
      'not_repeatable',
    ],
  ])('%s', (_, sql, code) => {
    expect(codes(HEAD + sql)).toEqual([code]);
  });

  it('does not say what it locks, or not of every table', () => {
    expect(codes('CREATE TABLE a (id int);')).toEqual(['locks_unsaid']);
    for (const sql of [
      'ALTER TABLE people ADD COLUMN a int;',
      TRIGGER,
      'DROP TRIGGER t ON public.people;',
      'CREATE TABLE a (id int REFERENCES people);',
      'CREATE TABLE a (id int, FOREIGN KEY (id) REFERENCES public.people (id));',
      'CREATE TABLE a PARTITION OF people FOR VALUES IN (1);',
      'CREATE TABLE a (id int); ALTER TABLE a ADD FOREIGN KEY (id) REFERENCES people;',
    ])
      for (const others of ['others', 'townspeople'])
        expect(codes(`-- locks: ${others}\n${sql}`), sql).toEqual(['locks_unsaid']);
  });

  it('has no name that says its number, or asks servers to know what comes later', () => {
    expect(codes(`${HEAD}SELECT 1;`, 'change.sql')).toEqual(['name']);
    expect(codes(`${HEAD}SELECT 1;`, '0040_contract_0040_people.sql')).toEqual(['name']);
  });
});

describe('a migration is let be that', () => {
  it.each([
    [
      'makes tables, and what belongs to them',
      'CREATE TABLE a (id int REFERENCES people); CREATE INDEX i ON a (id); ALTER TABLE a ADD CHECK (id > 0);',
    ],
    [
      'makes tables that refer to each other',
      'CREATE TABLE a (id int PRIMARY KEY REFERENCES a); CREATE TABLE b (id int REFERENCES a, p int REFERENCES people);',
    ],
    ['copies rows', 'INSERT INTO a SELECT gen_random_uuid(), name, now() FROM people;'],
    [
      'adds a column',
      `ALTER TABLE people ADD COLUMN a int, ADD COLUMN b timestamptz NOT NULL DEFAULT now(), ADD COLUMN c text DEFAULT 'x';`,
    ],
    ['adds a constraint for later', 'ALTER TABLE people ADD CONSTRAINT c CHECK (age > 0) NOT VALID;'],
    ['validates what was added before', 'ALTER TABLE people VALIDATE CONSTRAINT c;'],
    ['takes an index for a constraint', 'ALTER TABLE people ADD CONSTRAINT u UNIQUE USING INDEX i;'],
    [
      'drops an index CONCURRENTLY, or finds it gone',
      '-- transaction: none\nDROP INDEX CONCURRENTLY IF EXISTS i;',
    ],
    ['makes an index CONCURRENTLY', '-- transaction: none\nCREATE INDEX CONCURRENTLY i ON people (name);'],
    [
      'publishes a table',
      'ALTER TABLE people REPLICA IDENTITY FULL; ALTER PUBLICATION halo ADD TABLE people;',
    ],
    [
      'says why it is safe all the same',
      '-- accepts backfill: at most ten rows, made by hand\nUPDATE people SET age = 1;',
    ],
  ])('%s', (_, sql) => {
    expect(lintMigration('0040_change.sql', HEAD + sql)).toEqual([]);
  });

  it('takes away, in a file that says which servers are past that', () => {
    const sql = `${HEAD}ALTER TABLE people DROP COLUMN name; DROP TABLE olden;`;
    expect(lintMigration('0040_contract_0035_names.sql', sql)).toEqual([]);
  });
});

it('earlier migrations, of before the first release, would be refused: the lint sees them', () => {
  const sql = readFileSync('migrations/0025_people.sql', 'utf8');
  expect(codes(HEAD + sql, '0025_people.sql')).toEqual(
    expect.arrayContaining(['constraint_scans', 'index_locks_writers', 'locks_several', 'backfill']),
  );
});
