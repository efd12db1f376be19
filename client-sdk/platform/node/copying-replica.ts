import type { PGlite } from '@electric-sql/pglite';
import { quoteIdentifier } from '@halo/shapes/catalog/replica-schema.ts';
import type { ReplicaDatabase, ReplicaTransaction } from '../../replica/replica-database.ts';

/** Makes the transactions of a PGlite that runs in this process able to copy texts in. */
export function copying(database: PGlite): PGlite & ReplicaDatabase {
  const begin = database.transaction.bind(database);
  const transaction: ReplicaDatabase['transaction'] = (work) =>
    begin((tx) => {
      const able: ReplicaTransaction = {
        query: (sql, params) => tx.query(sql, params),
        exec: (sql) => tx.exec(sql),
        async copy(table, columns, rows) {
          const into = `${table} (${columns.map(quoteIdentifier).join(', ')})`;
          const blob = new Blob([rows.map(lineOf).join('')]);
          await tx.query(`COPY ${into} FROM '/dev/blob'`, [], { blob });
        },
      };
      return work(able);
    });
  return Object.assign(database, { transaction });
}

/** A line of COPY's text format (Postgres's manual, "File Formats" of COPY). Joined, since adding up is three times slower. */
function lineOf(values: readonly (string | null)[]): string {
  return `${values.map(textOf).join('\t')}\n`;
}

const SPECIAL = /[\\\t\n\r]/;
const EACH_SPECIAL = new RegExp(SPECIAL, 'g');
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function textOf(value: string | null): string {
  if (value === null) return '\\N';
  return SPECIAL.test(value)
    ? value.replaceAll(EACH_SPECIAL, (character) => ESCAPES[character] ?? character)
    : value;
}
