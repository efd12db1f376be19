import { ALERT_WORDS } from '@halo/shapes/protocol/alert-words.ts';
import type { AlertWords } from '@halo/shapes/protocol/alert-words.ts';
import type { AlertAnswer, AlertTrial } from '@halo/shapes/protocol/alerts.ts';
import { pathOf } from '../routing/routes.ts';
import type { Page } from '../routing/routes.ts';
import { language } from '../texts/language.ts';
import { t } from '../texts/texts.ts';

/** What an alert is called and means; of one that this version does not know, its name. */
export function alertWords(name: string): AlertWords {
  return ALERT_WORDS[name]?.[language] ?? { title: name.replaceAll('_', ' '), means: '' };
}

/** Where in the console one sees what an alert is about. */
const SEEN_ON: Readonly<
  Record<string, { readonly page: Page; readonly choices?: Readonly<Record<string, string>> }>
> = {
  replication_stopped: { page: 'replication' },
  postgres_down: { page: 'replication' },
  slot_near_limit: { page: 'replication' },
  feed_silent: { page: 'feeds' },
  retraining_failed: { page: 'jobs', choices: { job: 'retrain' } },
  scoring_failed: { page: 'jobs', choices: { job: 'score' } },
  retention_failed: { page: 'jobs', choices: { job: 'retention' } },
  backup_failed: { page: 'jobs' },
  job_overdue: { page: 'jobs' },
  model_unusable: { page: 'models' },
  champion_kept_long: { page: 'models' },
  devices_silent: { page: 'devices', choices: { state: 'offline' } },
  devices_stalled: { page: 'devices', choices: { state: 'stalled' } },
};

/** The page on which one sees what an alert is about, with its path; undefined where there is none. */
export function seenOn(
  name: AlertAnswer['name'],
): { readonly page: Page; readonly href: string } | undefined {
  const seen = SEEN_ON[name];
  return seen === undefined
    ? undefined
    : { page: seen.page, href: pathOf(seen.page, undefined, seen.choices) };
}

/** What came of a message that was sent for a trial. */
export function trialWords({ outcome, reason }: AlertTrial): string {
  if (outcome === 'taken') return t.alerts.trialTaken;
  return outcome === 'refused' ? t.alerts.trialRefused(reason ?? '?') : t.alerts.trialNone;
}

/** Whether the place in the runbook can be gone to: it is an address, and no path in a repository. */
export function isAddress(runbook: string): boolean {
  return /^https?:\/\//.test(runbook);
}
