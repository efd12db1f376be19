import { useEffect, useState } from 'react';
import { syncHistorySchema } from '@halo/shapes/protocol/sync-history.ts';
import type { SyncHistory } from '@halo/shapes/protocol/sync-history.ts';
import { useApi } from '../session/use-api.ts';
import type { Loaded } from '../session/use-api.ts';
import { historyPath } from './history.ts';
import type { Range } from './history.ts';

/**
 * What was written down of a range up to `nowMs`. The answer before stays while the next one comes, that of another range,
 * too: charts that gave way to a skeleton would close the tables that are open in them. It gives way to an error.
 */
export function useHistory(range: Range, nowMs: number): Loaded<SyncHistory> & { readonly isOld: boolean } {
  const loaded = useApi(historyPath(range, nowMs), syncHistorySchema);
  const [held, setHeld] = useState<{ range: Range; data: SyncHistory; atMs: number | undefined }>();
  const { data, atMs, error } = loaded;
  useEffect(() => {
    if (data !== undefined) setHeld({ range, data, atMs });
  }, [range, data, atMs]);
  const isOther = held?.range !== range;
  if (data !== undefined || held === undefined || (isOther && error !== undefined))
    return { ...loaded, isOld: false };
  return { ...loaded, data: held.data, atMs: held.atMs, isOld: isOther };
}
