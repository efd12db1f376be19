import { useMemo } from 'react';
import { useLive, useStatus } from '@halo/client/react';
import { useHeld } from '../ui/use-held.ts';
import { useNow } from '../ui/use-now.ts';
import { PLACES_SQL, WINDOWS_SQL, ageOf, shownPlaces } from './risk-place.ts';
import type { RiskAge, RiskPlace } from './risk-place.ts';
import { useRiskChoice } from './risk-store.ts';
import { placeOfWindow, windowsAhead } from './risk-windows.ts';
import type { RiskWindow } from './risk-windows.ts';

/** What the map shows of what is forecast. */
export interface Risk {
  /** Windows that are not over; undefined until the replica has answered. */
  readonly windows: readonly RiskWindow[] | undefined;
  /** Which of them is looked at. */
  readonly index: number;
  readonly places: readonly RiskPlace[];
  readonly age: RiskAge | undefined;
  /** Whether there are forecasts here whose windows are all over. */
  readonly isOver: boolean;
  /** Whether the county's forecasts have come once. */
  readonly hasCome: boolean;
}

const NONE: readonly RiskPlace[] = [];
/** No window begins then: a question whose answer is nothing. */
const NEVER = '1970-01-01T00:00:00.000Z';

/** The forecasts of the county in the window that is looked at; nothing is asked while the layer is off. */
export function useRisk(region: string): Risk {
  const { on, startMs } = useRiskChoice();
  const nowMs = useNow();
  const { streams } = useStatus();
  // While it is off the questions are about no county: their answers cost nothing.
  const asked = on ? region : '';
  const rows = useLive<RiskWindow>(WINDOWS_SQL, [asked]);
  const windows = useMemo(() => rows && windowsAhead(rows, nowMs), [rows, nowMs]);
  const index = placeOfWindow(windows ?? [], startMs);
  const start = windows?.[index]?.window_start.toISOString() ?? NEVER;
  const read = useHeld(useLive<RiskPlace>(PLACES_SQL, [asked, start]));
  const places = useMemo(() => (on && start !== NEVER ? shownPlaces(read ?? NONE) : NONE), [on, start, read]);
  return {
    windows,
    index,
    places,
    age: useMemo(() => ageOf(places, nowMs), [places, nowMs]),
    isOver: windows?.length === 0 && (rows?.length ?? 0) > 0,
    hasCome: streams.find(({ shape }) => shape === `predictions?region=${region}`)?.offset !== undefined,
  };
}
