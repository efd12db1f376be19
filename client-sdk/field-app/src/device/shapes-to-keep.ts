import type { ShapeSubscription } from '@halo/client';
import type { Role } from '@halo/shapes/protocol/auth.ts';
import { DECIDERS } from '@halo/shapes/taxonomy/incident-transitions.ts';

/** What changes seldom, or together with what is waited for. */
const SOMETIMES_MS = 60_000;
/** Forecasts are made anew each hour. */
const NOW_AND_THEN_MS = 600_000;
/** The gazetteer changes with new versions of the server. */
const RARELY_MS = 3_600_000;

/** What stands behind the incidents of the county in view. */
const EVERYBODYS_SHAPES = ['incident_reports', 'incident_history'];
const OFFICERS_SHAPES = ['incident_report_details', 'incident_matches', 'incident_transitions'];

/** Which counties a device keeps something of. */
export interface KeptCounties {
  /** Whose incidents are kept, the one in view first. */
  readonly regions: readonly string[];
  /** In which places are watched. */
  readonly watched: readonly string[];
}

/**
 * The counties whose forecasts are kept: the one in view, and those of the watched places, which give notice wherever the map
 * is. Which of the two a county is makes no difference to its shape: the map goes elsewhere, and the rows stay.
 */
export function forecastCounties({ regions, watched }: KeptCounties): string[] {
  return [...new Set([...regions.slice(0, 1), ...watched])];
}

/**
 * The shapes that the app keeps, beside the two that every device keeps. Only the incidents and comments of the county in
 * view wait for news: a browser has six connections to a server, and reports need one, too.
 */
export function shapesToKeep(counties: KeptCounties, role: Role): ShapeSubscription[] {
  const { regions } = counties;
  const [inView, ...others] = regions.map((region) => ({ region }));
  const shapes: ShapeSubscription[] = [
    { name: 'areas', lookEveryMs: RARELY_MS },
    { name: 'my_watches', lookEveryMs: SOMETIMES_MS },
    { name: 'my_report_versions', lookEveryMs: SOMETIMES_MS },
  ];
  for (const params of others) shapes.push({ name: 'incidents', params, lookEveryMs: SOMETIMES_MS });
  for (const region of forecastCounties(counties)) {
    shapes.push({ name: 'predictions', params: { region }, lookEveryMs: NOW_AND_THEN_MS });
  }
  if (inView === undefined) return shapes;
  shapes.push({ name: 'incidents', params: inView }, { name: 'comments', params: inView });
  const about = DECIDERS.includes(role) ? OFFICERS_SHAPES : EVERYBODYS_SHAPES;
  for (const name of about) shapes.push({ name, params: inView, lookEveryMs: SOMETIMES_MS });
  return shapes;
}
