import { ALERT_KINDS } from './alert.ts';
import type { AlertEvent } from './alert.ts';
import { pageOf, runbookOf } from './places.ts';
import type { AlertPlaces } from './places.ts';

/** How the webhook wants it. */
export type AlertFormat = 'slack' | 'json';

/** The body of a webhook's request; pure. */
export function messageOf(
  event: AlertEvent,
  format: AlertFormat,
  places: AlertPlaces,
): Readonly<Record<string, unknown>> {
  return format === 'slack' ? slackMessage(event, places) : jsonMessage(event, places);
}

const TRIAL = 'This is a trial: Halo tells alerts here. Nothing is wrong.';

/** The body of a message that an operator sends to see whether anybody gets it; pure. */
export function trialMessageOf(format: AlertFormat, places: AlertPlaces): Readonly<Record<string, unknown>> {
  const { publicUrl } = places;
  if (format === 'slack')
    return { text: publicUrl === undefined ? TRIAL : `${TRIAL}\n${escaped(consoleOf(publicUrl))}` };
  return { event: 'trial', what: TRIAL, url: publicUrl === undefined ? null : consoleOf(publicUrl) };
}

function consoleOf(publicUrl: string): string {
  return `${publicUrl}/console/alerts`;
}

function jsonMessage({ kind, record }: AlertEvent, places: AlertPlaces) {
  const { id, name, subject, instance, what, since, raisedAt, clearedAt } = record;
  return {
    event: kind,
    id,
    alert: name,
    severity: ALERT_KINDS[name].severity,
    subject,
    instance,
    what,
    since: since.toISOString(),
    raisedAt: raisedAt.toISOString(),
    clearedAt: kind === 'cleared' ? (clearedAt?.toISOString() ?? null) : null,
    runbook: runbookOf(name, places),
    url: pageOf(id, places) ?? null,
  };
}

/** As Slack's incoming webhooks take it, and Mattermost's and others' that follow them. */
function slackMessage(event: AlertEvent, places: AlertPlaces) {
  const { kind, record } = event;
  const { id, name, subject, what, since, clearedAt, instance } = record;
  const { severity } = ALERT_KINDS[name];
  const isOver = kind === 'cleared';
  const head = isOver ? 'Over' : severity === 'critical' ? 'CRITICAL' : 'Warning';
  const times = isOver
    ? `From ${since.toISOString()} to ${clearedAt?.toISOString() ?? 'now'}`
    : `Since ${since.toISOString()}`;
  const page = pageOf(id, places);
  const text = [
    `*${head}: ${name}* (${escaped(subject)})`,
    escaped(isOver ? `It was: ${what}` : what),
    `${times} · seen by ${escaped(instance)} · what to do: ${escaped(runbookOf(name, places))}`,
    // Bare, as all who take this form make links of it.
    ...(page === undefined ? [] : [`In the console: ${escaped(page)}`]),
  ].join('\n');
  const color = isOver ? 'good' : severity === 'critical' ? 'danger' : 'warning';
  return { text, attachments: [{ color, fallback: `${head}: ${name}`, fields: fieldsOf(event) }] };
}

function fieldsOf({ record: { name, subject } }: AlertEvent) {
  return [
    { title: 'Alert', value: name, short: true },
    { title: 'About', value: escaped(subject), short: true },
  ];
}

/** The three characters that Slack gives a meaning. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
