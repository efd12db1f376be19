import type { Finding } from './alert.ts';
import type { AlertLimits, InstanceFacts } from './facts.ts';

/** Judges how one instance fares; pure. */
export function judgeInstance(facts: InstanceFacts, instance: string, limits: AlertLimits): Finding[] {
  return [
    {
      name: 'postgres_down',
      subject: instance,
      verdict: facts.postgresAnswers ? 'good' : 'bad',
      what: 'Postgres does not answer this instance: nothing can be read or written through it.',
    },
    judgeSight(facts, instance),
    ...judgeReplication(facts, instance),
    judgeErrors(facts, instance, limits),
    judgeSessions(facts, instance, limits),
  ];
}

/** Without Postgres nothing can be read; that has an alert of its own. */
function judgeSight({ postgresAnswers, unread, isUntried }: InstanceFacts, instance: string): Finding {
  const isBad = postgresAnswers && unread.length > 0;
  const verdict = isBad ? 'bad' : !postgresAnswers || isUntried ? 'unsure' : 'good';
  const what = `Postgres answers, and this instance cannot use: ${unread.join(', ')}. Alerts made of it are neither raised nor over.`;
  return { name: 'alerts_blind', subject: instance, verdict, what };
}

function judgeReplication({ replication, postgresAnswers }: InstanceFacts, instance: string): Finding[] {
  if (replication === undefined) return [];
  const { state, seconds } = replication;
  const what = `Replication is ${state}: the log was last known to have everything ${Math.round(seconds)} s ago.`;
  // Without Postgres there is none; that has an alert of its own.
  const isUnsure = !postgresAnswers || state === 'postgres_down';
  const isWell = state === 'live' || state === 'behind';
  const verdict = isUnsure ? 'unsure' : isWell ? 'good' : 'bad';
  return [{ name: 'replication_stopped', subject: instance, verdict, what }];
}

function judgeErrors({ answered }: InstanceFacts, instance: string, limits: AlertLimits): Finding {
  const { total, failed, isWhole } = answered;
  const share = total === 0 ? 0 : failed / total;
  const areEnough = total >= limits.errorRequests;
  const isBad = areEnough && share >= limits.errorBadShare;
  // A few requests after a start say nothing of what was before it.
  const isWell = areEnough ? share <= limits.errorGoodShare : isWhole;
  const verdict = isBad ? 'bad' : isWell ? 'good' : 'unsure';
  const what = `Of ${total} requests in the last minutes ${failed} failed on the server's side (${(share * 100).toFixed(1)} %).`;
  return { name: 'error_rate', subject: instance, verdict, what };
}

function judgeSessions(facts: InstanceFacts, instance: string, limits: AlertLimits): Finding {
  const { present, silent, isWhole } = facts.sessions;
  const isBad = silent >= limits.silentSessions && silent > present;
  // Those that are cut off do not come back for a restart, and who has come since says that it is over.
  const isWell = isWhole || present >= limits.silentSessions;
  // Without Postgres nobody is let in, and so nobody heard; that has an alert of its own.
  const isUnsure = !facts.postgresAnswers || (isBad && mayHaveRefused(facts, limits));
  const what = `${silent} sessions fell silent within 15 minutes, and ${present} still ask.`;
  return {
    name: 'devices_silent',
    subject: instance,
    verdict: isUnsure ? 'unsure' : isBad ? 'bad' : isWell ? 'good' : 'unsure',
    what,
  };
}

/**
 * Whether those that fell silent may be ones whom this server sent away before it knew who they were: while Postgres was away, or when
 * it had as many reads as it takes on. Each comes again within seconds, so that there are at least as many failures as silent ones.
 */
function mayHaveRefused({ answered, sessions }: InstanceFacts, limits: AlertLimits): boolean {
  const { total, failed } = answered;
  return total >= limits.errorRequests && failed >= total * limits.errorBadShare && failed >= sessions.silent;
}
