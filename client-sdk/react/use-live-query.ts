import { useEffect, useState } from 'react';
import type { QueryRow } from '../api.ts';
import { useHalo } from './halo-context.ts';

/**
 * Rows of a query, as they change; undefined until the first answer. `params` are compared by their JSON, so
 * that a new array of the same values starts nothing.
 */
export function useLiveQuery<Row extends QueryRow = QueryRow>(
  sql: string,
  params: readonly unknown[] = [],
): Row[] | undefined {
  const halo = useHalo();
  const key = JSON.stringify(params);
  const [answer, setAnswer] = useState<{ readonly of: string; readonly rows: Row[] }>();
  const asked = `${sql}\n${key}`;
  useEffect(() => {
    const values = JSON.parse(key) as unknown[];
    return halo.live<Row>(sql, values, (rows) => setAnswer({ of: asked, rows }));
  }, [halo, sql, key, asked]);
  return answer?.of === asked ? answer.rows : undefined;
}
