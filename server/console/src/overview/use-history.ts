import { useEffect, useState } from 'react';
import { syncHistorySchema } from '@halo/shapes/protocol/sync-history.ts';
import type { SyncHistory } from '@halo/shapes/protocol/sync-history.ts';
import { useApi } from '../session/use-api.ts';
import type { Loaded } from '../session/use-api.ts';
import { historyPath } from './history.ts';
import type { Range } from './history.ts';

/** What was written down of a range up to `nowMs`. The answer before stays while the minute's next one comes. */
export function useHistory(range: Range, nowMs: number): Loaded<SyncHistory> {
  const loaded = useApi(historyPath(range, nowMs), syncHistorySchema);
  const [held, setHeld] = useState<{ range: Range; data: SyncHistory; atMs: number | undefined }>();
  const { data, atMs } = loaded;
  useEffect(() => {
    if (data !== undefined) setHeld({ range, data, atMs });
  }, [range, data, atMs]);
  if (data !== undefined || held?.range !== range) return loaded;
  return { ...loaded, data: held.data, atMs: held.atMs };
}
