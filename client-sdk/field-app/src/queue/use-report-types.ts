import { useMemo } from 'react';
import { useLive } from '@halo/client/react';
import { reportChangedBy } from './outbox-briefs.ts';

const TYPES_SQL = 'SELECT id::text AS id, type FROM my_reports WHERE id::text = ANY ($1)';

/** Types of the reports that these mutations are about; of one that is still queued, too. */
export function useReportTypes(
  mutations: readonly { readonly type: string; readonly args: unknown }[] | undefined,
): (id: string) => string | undefined {
  const ids = useMemo(
    () => [...new Set((mutations ?? []).flatMap((mutation) => reportChangedBy(mutation) ?? []))],
    [mutations],
  );
  const rows = useLive<{ id: string; type: string }>(TYPES_SQL, [ids]);
  return useMemo(() => {
    const types = new Map((rows ?? []).map(({ id, type }) => [id, type]));
    return (id) => types.get(id);
  }, [rows]);
}
