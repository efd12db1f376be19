import { ALERT_KINDS, runbookOf } from './alert.ts';
import type { AlertEvent } from './alert.ts';

/** How the webhook wants it. */
export type AlertFormat = 'slack' | 'json';

/** The body of a webhook's request; pure. */
export function messageOf(event: AlertEvent, format: AlertFormat): Readonly<Record<string, unknown>> {
  return format === 'slack' ? slackMessage(event) : jsonMessage(event);
}

function jsonMessage({ kind, record }: AlertEvent) {
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
    runbook: runbookOf(name),
  };
}

/** As Slack's incoming webhooks take it, and Mattermost's and others' that follow them. */
function slackMessage(event: AlertEvent) {
  const { kind, record } = event;
  const { name, subject, what, since, clearedAt, instance } = record;
  const { severity } = ALERT_KINDS[name];
  const isOver = kind === 'cleared';
  const head = isOver ? 'Over' : severity === 'critical' ? 'CRITICAL' : 'Warning';
  const times = isOver
    ? `From ${since.toISOString()} to ${clearedAt?.toISOString() ?? 'now'}`
    : `Since ${since.toISOString()}`;
  const text = [
    `*${head}: ${name}* (${escaped(subject)})`,
    escaped(isOver ? `It was: ${what}` : what),
    `${times} · seen by ${escaped(instance)} · what to do: ${runbookOf(name)}`,
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
