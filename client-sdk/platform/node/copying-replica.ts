import type { PGlite } from '@electric-sql/pglite';
import type { ReplicaDatabase, ReplicaTransaction } from '../../replica/replica-database.ts';

/** Makes the transactions of a PGlite that runs in this process able to copy texts in. */
export function copying(database: PGlite): PGlite & ReplicaDatabase {
  const begin = database.transaction.bind(database);
  const transaction: ReplicaDatabase['transaction'] = (work) =>
    begin((tx) => {
      const able: ReplicaTransaction = {
        query: (sql, params) => tx.query(sql, params),
        exec: (sql) => tx.exec(sql),
        copy: (into, text) =>
          tx.query(`COPY ${into} FROM '/dev/blob'`, [], { blob: new Blob([text]) }).then(() => {}),
      };
      return work(able);
    });
  return Object.assign(database, { transaction });
}
