import { useEffect, useMemo, useState } from 'react';
import type { Halo } from '@halo/client';
import { useHalo, useLive, useStatus } from '@halo/client/react';
import { useAppParts } from '../device/session-context.tsx';
import { useHeld } from '../ui/use-held.ts';
import { useOutboxBriefs } from './use-outbox-briefs.ts';

/**
 * What the server did not take from the account's other devices. What this device has sent is left out, also what stands
 * in its outbox under a device id that it had before.
 */
const ELSEWHERE_SQL = `
  SELECT id::text AS id, type, args, code, message, field, settled_at, count(*) OVER ()::int AS total
  FROM my_mutations
  WHERE status = 'rejected' AND device_id::text IS DISTINCT FROM $1::text AND NOT id::text = ANY ($2::text[])
  ORDER BY settled_at DESC, id DESC LIMIT $3`;

/** A mutation of another device that the server did not take. */
export type RejectedRow = {
  readonly id: string;
  readonly type: string;
  readonly args: unknown;
  readonly code: string | null;
  readonly message: string | null;
  readonly field: string | null;
  readonly settled_at: Date;
  readonly total: number;
};

export interface RejectedElsewhere {
  /** The newest. */
  readonly rows: readonly RejectedRow[];
  readonly total: number;
  /** Shows one no more on this device. */
  readonly hide: (id: string) => void;
}

const NOTHING_SQL = 'SELECT 1 AS one WHERE false';
const NO_PARAMS: readonly unknown[] = [];
const NONE: readonly RejectedRow[] = [];

/** What the server did not take from the account's other devices, the newest `limit`, as it changes. */
export function useRejectedElsewhere(limit: number): RejectedElsewhere {
  const { preferences } = useAppParts();
  const briefs = useOutboxBriefs();
  const device = useDeviceId();
  const [hidden, setHidden] = useState(() => preferences.hidden());
  const left = useMemo(
    () => [...hidden, ...(briefs ?? []).filter(({ state }) => state === 'rejected').map(({ id }) => id)],
    [hidden, briefs],
  );
  // Before this device knows itself all of its own would seem to be another's: nothing is asked, nor held, until then.
  const isKnown = device !== undefined && briefs !== undefined;
  const [sql, params] = isKnown
    ? [ELSEWHERE_SQL, [device.id ?? null, left, limit]]
    : [NOTHING_SQL, NO_PARAMS];
  const rows = useHeld(useLive<RejectedRow>(sql, params)) ?? NONE;
  const hide = (id: string) => {
    preferences.hide(id);
    setHidden(preferences.hidden());
  };
  return { rows, total: rows[0]?.total ?? 0, hide };
}

/** The id that the server knows this device by, which may be none yet; undefined until that has been read. */
function useDeviceId(): { readonly id: string | undefined } | undefined {
  const halo = useHalo();
  const { outbox } = useStatus();
  const [read, setRead] = useState<{ readonly of: Halo; readonly id: string | undefined }>();
  useEffect(() => {
    let current = true;
    halo.outbox.deviceId().then(
      (id) => {
        if (current)
          setRead((before) => (before?.of === halo && before.id === id ? before : { of: halo, id }));
      },
      // Closed meanwhile: there is nothing to show any more.
      () => {},
    );
    return () => {
      current = false;
    };
    // It gets its id when it first sends something, and may get another then.
  }, [halo, outbox]);
  return read?.of === halo ? read : undefined;
}
