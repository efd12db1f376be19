import { Cron } from 'croner';

/** The first tick of a schedule (UTC) after a time, both in milliseconds since 1970; Infinity for none. */
export function dueAfter(schedule: string): (ms: number) => number {
  const cron = new Cron(schedule, { timezone: 'UTC', paused: true });
  return (ms) => cron.nextRun(new Date(ms))?.getTime() ?? Infinity;
}
