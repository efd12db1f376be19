import { ALERT_WORDS } from '@halo/shapes/protocol/alert-words.ts';
import { VERDICTS } from '@halo/shapes/protocol/inspector.ts';
import type { InstanceState, Overview } from '@halo/shapes/protocol/inspector.ts';
import type { FleetView } from './fleet.ts';
import { stateWords } from './instance-words.ts';
import type { InstanceView } from './instances.ts';
import type { OpenAlert } from './open-alerts.ts';
import { silentFleet } from './silent-fleet.ts';

/** What the whole is judged by. */
export interface Facts {
  readonly fleet: FleetView;
  readonly instances: readonly InstanceView[];
  readonly feeds: readonly Overview['feeds'][number][];
  readonly alerts: readonly OpenAlert[];
}

type Finding = Overview['findings'][number];
type Verdict = Overview['verdict'];

/** What was found, with what it makes of the whole. */
type Judged = Finding & { readonly verdict: Verdict };

/** An alert that nobody was told of for so long is no matter of a webhook that was away for a moment: it has been tried again by then. */
const UNTOLD_AFTER_MS = 5 * 60_000;

const WEIGHTS: Record<Finding['severity'], number> = { critical: 0, warning: 1, note: 2 };

/** A sentence for each thing that is to be known: open alerts first, then the worst. */
export function findingsOf(facts: Facts): Finding[] {
  return judged(facts).map(({ verdict: _, ...finding }) => finding);
}

/** What all that was found makes together: the worst of it. */
export function verdictOf(facts: Facts): Verdict {
  return worstOf(judged(facts).map(({ verdict }) => verdict));
}

/** The worst of some verdicts; all is well where there are none. What a newer version wrote needs a look, at least. */
export function worstOf(verdicts: readonly string[]): Verdict {
  const ranks = verdicts.map((each) => {
    const rank = VERDICTS.findIndex((verdict) => verdict === each);
    return rank === -1 ? VERDICTS.indexOf('needs_a_look') : rank;
  });
  return VERDICTS[Math.max(0, ...ranks)] ?? 'well';
}

function judged({ fleet, instances, feeds, alerts }: Facts): Judged[] {
  const bySeverity = <T extends Pick<Finding, 'severity'>>(found: readonly T[]) =>
    found.toSorted((a, b) => WEIGHTS[a.severity] - WEIGHTS[b.severity]);
  const others = [
    ...ofUntold(alerts),
    ...instances.flatMap(ofInstance),
    ...ofDevices(fleet),
    ...feeds.flatMap(ofFeed),
  ];
  return [...bySeverity(alerts.map(ofAlert)), ...bySeverity(others)];
}

function ofAlert({ id, name, severity, subject, what }: OpenAlert): Judged {
  const words = ALERT_WORDS[name];
  return {
    code: `alert_${name}`,
    severity,
    text: `${words?.en.title ?? name} (${subject}). ${what}`,
    textSv: `${words?.sv.title ?? name} (${subject}). ${what}`,
    alertId: id,
    verdict: severity === 'critical' ? 'needs_action' : 'needs_a_look',
  };
}

/** Whoever trusts that he would be called takes silence for health: that weighs as much as any alert. */
function ofUntold(alerts: readonly OpenAlert[]): Judged[] {
  const overdue = alerts.flatMap(({ untoldMs }) =>
    untoldMs !== null && untoldMs >= UNTOLD_AFTER_MS ? [untoldMs] : [],
  );
  if (overdue.length === 0) return [];
  const minutes = Math.floor(Math.max(...overdue) / 60_000);
  return [
    {
      ...{ code: 'alerts_untold', severity: 'critical', verdict: 'needs_action', alertId: null },
      text: `Nobody is called: the webhook has not taken open alerts that were to be told, ${overdue.length} of them, the first ${minutes} minutes ago.`,
      textSv: `Ingen larmas: webhooken har inte tagit emot öppna larm som skulle meddelas, ${overdue.length} stycken, det första för ${minutes} minuter sedan.`,
    },
  ];
}

/** An instance that is gone may have been stopped on purpose: its devices ask others, or are offline. */
const OF_STATES: Record<Exclude<InstanceState, 'live'>, Pick<Judged, 'severity' | 'verdict'>> = {
  silent: { severity: 'critical', verdict: 'replication_down' },
  disconnected: { severity: 'critical', verdict: 'replication_down' },
  postgres_down: { severity: 'critical', verdict: 'replication_down' },
  behind: { severity: 'warning', verdict: 'replication_behind' },
  gone: { severity: 'note', verdict: 'well' },
};

function ofInstance({ id, state, upstream, lagMs }: InstanceView): Judged[] {
  if (state === 'live') return [];
  const since = lagMs === null ? undefined : Math.round(lagMs / 1000);
  const { text, textSv } = stateWords(state, upstream);
  return [
    {
      code: `replication_${state}`,
      ...OF_STATES[state],
      text: `Instance ${id}: ${text}${since === undefined ? '' : ` Its log was whole ${since} s ago.`}`,
      textSv: `Instans ${id}: ${textSv}${since === undefined ? '' : ` Dess logg var hel för ${since} s sedan.`}`,
      alertId: null,
    },
  ];
}

function ofDevices({ counts: { stalled, offline }, devices }: FleetView): Judged[] {
  const found: Judged[] = [];
  if (stalled > 0)
    found.push({
      ...{ code: 'devices_stalled', severity: 'warning', verdict: 'devices_need_a_look', alertId: null },
      text: `${stalled} devices are there and do not get on.`,
      textSv: `${stalled} enheter är där men kommer inte framåt.`,
    });
  const most = silentFleet(devices);
  if (most !== undefined)
    found.push({
      ...{ code: 'devices_offline', severity: 'warning', verdict: 'needs_a_look', alertId: null },
      text: `Most devices fell silent together: ${most.silent} of the ${most.of} that were there within an hour.`,
      textSv: `De flesta enheter tystnade samtidigt: ${most.silent} av de ${most.of} som var där inom en timme.`,
    });
  else if (offline > 0)
    found.push({
      ...{ code: 'devices_offline', severity: 'note', verdict: 'well', alertId: null },
      text: `${offline} devices have not been heard when they were due.`,
      textSv: `${offline} enheter har inte hörts av när de skulle.`,
    });
  return found;
}

/**
 * A poll that failed is no fault yet, and one that does not come may rest at night or be turned off. What is late by its own
 * schedule is an alert, `feed_silent`, and that weighs.
 */
function ofFeed({ feed, state }: Facts['feeds'][number]): Judged[] {
  if (state === 'well') return [];
  return [
    {
      ...{ code: `feed_${state}`, severity: 'note', verdict: 'well', alertId: null },
      ...FEED_WORDS[state](feed),
    },
  ];
}

const FEED_WORDS: Record<
  Exclude<Facts['feeds'][number]['state'], 'well'>,
  (feed: string) => Pick<Judged, 'text' | 'textSv'>
> = {
  overdue: (feed) => ({
    text: `The feed ${feed} has not been polled for longer than usual.`,
    textSv: `Flödet ${feed} har inte hämtats på längre tid än vanligt.`,
  }),
  failing: (feed) => ({
    text: `The last poll of the feed ${feed} gave nothing.`,
    textSv: `Den senaste hämtningen av flödet ${feed} gav inget.`,
  }),
};
