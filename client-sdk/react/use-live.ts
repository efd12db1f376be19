import { useEffect, useState } from 'react';
import type { Halo, QueryRow } from '../api.ts';
import { useHalo } from './halo-context.ts';

const NO_PARAMS: readonly unknown[] = [];

interface Answer<Row> {
  readonly from: Halo;
  readonly to: string;
  readonly rows: Row[];
}

/**
 * Rows of a query over the replica, as they change; undefined until the first answer to this very query, so that
 * rows of the one before are never shown for it. `params` must be what JSON can carry and are compared by it: a new
 * array of the same values starts nothing. A query that fails keeps the rows it had; `useStatus().replica.error`
 * says why. Only below `HaloProvider`.
 */
export function useLive<Row extends QueryRow = QueryRow>(
  sql: string,
  params: readonly unknown[] = NO_PARAMS,
): Row[] | undefined {
  const halo = useHalo();
  const key = JSON.stringify(params);
  const asked = `${sql}\n${key}`;
  const [answer, setAnswer] = useState<Answer<Row>>();
  useEffect(() => {
    const values = JSON.parse(key) as unknown[];
    return halo.live<Row>(sql, values, (rows) => setAnswer({ from: halo, to: asked, rows }));
  }, [halo, sql, key, asked]);
  return answer?.from === halo && answer.to === asked ? answer.rows : undefined;
}
