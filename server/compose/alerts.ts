import { hostname } from 'node:os';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { uuidv7 } from 'uuidv7';
import type { CallerEnv, RequireCaller } from '../auth/identity.ts';
import type { Config } from '../config/config.ts';
import { dueAfter } from '../jobs/due-after.ts';
import type { Leases } from '../jobs/job.ts';
import { ALERT_NAMES } from '../operations/alerts/alert.ts';
import { createAlertWatch } from '../operations/alerts/alert-watch.ts';
import type { AlertWatch, AlertWatchParts } from '../operations/alerts/alert-watch.ts';
import { AnswerWindow } from '../operations/alerts/answer-window.ts';
import type { ExpectedFeed, ExpectedJob } from '../operations/alerts/expected.ts';
import { alertRoutes } from '../operations/alerts/routes.ts';
import { createWebhook } from '../operations/alerts/webhook.ts';
import type { Webhook } from '../operations/alerts/webhook.ts';
import type { Metrics } from '../operations/metrics.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { supervise } from '../platform/service.ts';
import type { Closers } from './closers.ts';
import { registerForecasts } from './observation.ts';
import type { Observed } from './observed.ts';
import { limitCallers } from './rate-limits.ts';
import type { RateLimits } from './rate-limits.ts';
import type { ReadPath } from './read-path.ts';
import type { Storage } from './storage.ts';

/** Errors are judged by what was answered within this time. */
const ERROR_WINDOW_MS = 5 * 60_000;

/** What alerts are made of. */
export interface AlertsOptions {
  readonly config: Config;
  readonly storage: Storage;
  readonly leases: Leases;
  readonly readPath: ReadPath | undefined;
  readonly observed: Observed;
  /** Undefined: nobody is told. */
  readonly webhook: Webhook | undefined;
  readonly stalledDevices: AlertWatchParts['stalledDevices'];
  readonly jobs: readonly Omit<ExpectedJob, 'sinceMs'>[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly closers: Closers;
  /** How often is looked, and what is too much; the product's own unless given. */
  readonly tuning: AlertTuning | undefined;
}

/** What can be set about alerts from outside of the product. */
export type AlertTuning = Pick<AlertWatchParts, 'pace' | 'limits' | 'kinds'> & {
  readonly errorWindowMs?: number;
};

/** Starts the watch over everything, and shows in the metrics what it knows. */
export function startAlerts(options: AlertsOptions): void {
  const { config, storage, leases, clock, logger, closers, observed, webhook } = options;
  const { pool, slotName } = storage;
  const { errorWindowMs, ...tuning } = options.tuning ?? {};
  const watch = createAlertWatch({
    pool,
    leases,
    instance: `${hostname()}/${slotName.replace('halo_', '')}`,
    feeds: expectedFeeds(config, clock),
    jobs: options.jobs.map((job) => ({ ...job, sinceMs: clock.now().getTime() })),
    instanceFacts: instanceFacts(options, new AnswerWindow(errorWindowMs ?? ERROR_WINDOW_MS)),
    stalledDevices: options.stalledDevices,
    webhook,
    newId: uuidv7,
    clock,
    logger,
    ...tuning,
  });
  registerAlerts(observed.metrics, watch, webhook);
  registerFacts(observed.metrics, watch, slotName, clock);
  registerOutboxes(observed.metrics, watch);
  registerForecasts(observed.metrics, () => watch.facts()?.facts, clock);
  const supervised = supervise(watch, logger);
  closers.add('alerts', () => supervised.stop());
}

/** What operators ask of alerts. */
export function alertRouter(
  { config, storage, webhook }: Pick<AlertsOptions, 'config' | 'storage' | 'webhook'>,
  limits: Pick<RateLimits, 'reads' | 'alertTrials'>,
  requireCaller: RequireCaller,
): OpenAPIHono<CallerEnv> {
  return alertRoutes({
    pool: storage.pool,
    requireCaller: limitCallers(requireCaller, limits.reads),
    requireTrier: limitCallers(requireCaller, limits.alertTrials),
    webhook,
    places: config.alertPlaces,
  });
}

/** What tells alerts, where one is set. */
export function openWebhook(
  { alertWebhook: url, alertFormat: format, alertPlaces: places }: Config,
  logger: Logger,
): Webhook | undefined {
  if (url === undefined) return undefined;
  return createWebhook({ url, format, places, fetch, random: Math.random, logger });
}

function expectedFeeds({ polisenFeedUrl, polisenSchedule }: Config, clock: Clock): ExpectedFeed[] {
  if (polisenFeedUrl === undefined) return [];
  const sinceMs = clock.now().getTime();
  return [{ feed: 'polisen', dueAfterMs: dueAfter(polisenSchedule), sinceMs }];
}

function instanceFacts(
  { readPath, observed }: AlertsOptions,
  answers: AnswerWindow,
): AlertWatchParts['instanceFacts'] {
  const { metrics, contacts } = observed;
  return (nowMs) => ({
    replication: readPath?.lagWatch.lag(),
    answered: answers.add(nowMs, metrics.answered()),
    sessions: contacts.counts(),
  });
}

function registerAlerts(metrics: Metrics, watch: AlertWatch, webhook: Webhook | undefined): void {
  metrics.gauges(
    'halo_alerts_open',
    'Open alerts of this instance, and the shared ones on the instance that tells them',
    'alert',
    () => {
      const open = watch.open();
      return Object.fromEntries(ALERT_NAMES.map((name) => [name, open[name] ?? 0]));
    },
  );
  metrics.counter(
    'halo_alerts_told_total',
    'Messages that the webhook took',
    () => webhook?.counts().told ?? 0,
  );
  metrics.counter('halo_alerts_untold_total', 'Attempts at which the webhook took nothing', () => {
    return webhook?.counts().failed ?? 0;
  });
}

/** What was last read of Postgres. Ages are counted from then on, so that nothing stays at its last good value. */
function registerFacts(metrics: Metrics, watch: AlertWatch, slotName: string, clock: Clock): void {
  const slot = () => watch.facts()?.facts.slots?.find(({ name }) => name === slotName);
  const age = (at: Date | null | undefined) =>
    at === null || at === undefined ? NaN : (clock.now().getTime() - at.getTime()) / 1000;
  const feeds = () => watch.facts()?.facts.feeds ?? [];
  const runs = () => watch.facts()?.facts.runs ?? [];
  metrics.gauge('halo_facts_age_seconds', 'Age of what was last read of Postgres for these metrics', () => {
    return age(watch.facts()?.at);
  });
  metrics.gauge('halo_replication_slot_retained_bytes', "WAL that is kept for this instance's slot", () => {
    return slot()?.retainedBytes ?? NaN;
  });
  metrics.gauge('halo_replication_slot_limit_bytes', 'max_slot_wal_keep_size; NaN for none', () => {
    return slot()?.limitBytes ?? NaN;
  });
  metrics.gauge('halo_replication_slot_safe_bytes', 'WAL until the slot is lost; NaN without a limit', () => {
    return slot()?.safeBytes ?? NaN;
  });
  metrics.gauges('halo_feed_last_good_poll_age_seconds', 'Since a feed last gave something', 'feed', () => {
    return Object.fromEntries(feeds().map(({ feed, lastGoodAt }) => [feed, age(lastGoodAt)]));
  });
  metrics.gauges(
    'halo_feed_polls_day',
    'Polls of the last 24 hours by outcome, all instances',
    'outcome',
    () => summed(feeds().map(({ polls }) => polls)),
  );
  metrics.gauges('halo_feed_items_day', 'Items of feeds in the last 24 hours, all instances', 'change', () =>
    summed(feeds().map(({ items }) => items)),
  );
  metrics.gauges(
    'halo_job_run_last_success_age_seconds',
    'Since a run last went well, on any instance',
    'job',
    () => {
      return Object.fromEntries(runs().map(({ job, lastSucceededAt }) => [job, age(lastSucceededAt)]));
    },
  );
  metrics.gauges('halo_job_began_age_seconds', 'Since a job last began, on any instance', 'job', () => {
    return Object.fromEntries(
      (watch.facts()?.facts.jobs ?? []).map(({ job, beganAt }) => [job, age(beganAt)]),
    );
  });
  metrics.gauges(
    'halo_job_run_last_failed',
    'Whether the newest run failed (1), on any instance',
    'job',
    () => {
      return Object.fromEntries(runs().map(({ job, state }) => [job, state === 'succeeded' ? 0 : 1]));
    },
  );
}

/** What waits on devices, as they last said, and which of them get no further. */
function registerOutboxes(metrics: Metrics, watch: AlertWatch): void {
  const outboxes = () => watch.facts()?.facts.outboxes;
  metrics.gauges(
    'halo_outbox_entries_reported',
    'Entries in outboxes as devices last said, all instances',
    'state',
    () => {
      const { pending = NaN, rejected = NaN } = outboxes() ?? {};
      return { pending, rejected };
    },
  );
  metrics.gauges(
    'halo_outbox_devices_reported',
    'Devices with entries that wait, by how long the oldest has waited by now',
    'age',
    () => outboxes()?.devices ?? {},
  );
  metrics.gauge(
    'halo_devices_stalled',
    'Devices that ask and have got no further for minutes, all instances; NaN before they are looked at',
    () => watch.facts()?.facts.stalled?.length ?? NaN,
  );
}

function summed(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const counts of all)
    for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + count;
  return sums;
}
