import type { Event, Exception, StackFrame } from '@sentry/core';
import { scrubText } from './scrub-text.ts';

/** What may be said of the circumstances: names and codes of ours. */
const TAGS = new Set([
  'component',
  'route',
  'method',
  'status',
  'code',
  'job',
  'jobRunId',
  'requestId',
  'runId',
  'type',
]);
const MAX_FRAMES = 50;

/**
 * Makes of an event one that may leave the house; pure. What is not named here does not get out: no request, no
 * headers, no body, no person, no variables, no lines of source, no names of machines.
 */
export function scrubEvent<E extends Event>(event: E): E {
  const { event_id, type, level, timestamp, start_timestamp, platform, release, environment, sdk } = event;
  const { transaction, transaction_info } = event;
  const scrubbed: Event = {
    event_id,
    type,
    level,
    timestamp,
    start_timestamp,
    platform,
    release,
    environment,
    transaction: transaction === undefined ? undefined : routeOf(transaction),
    transaction_info,
    tags: tagsOf(event),
    contexts: traceOf(event),
    exception: event.exception && { values: event.exception.values?.map(exceptionOf) },
    message: event.message === undefined ? undefined : scrubText(event.message),
    sdk: sdk && { name: sdk.name, version: sdk.version },
    spans: type === 'transaction' ? [] : undefined,
  } as Event;
  return Object.fromEntries(Object.entries(scrubbed).filter(([, value]) => value !== undefined)) as E;
}

/** A route's template, whoever gave it. */
function routeOf(transaction: string): string {
  return transaction.split('?')[0]!.slice(0, 200);
}

function tagsOf({ tags = {} }: Event): Record<string, string> {
  const kept = Object.entries(tags).filter(([name, value]) => TAGS.has(name) && value !== undefined);
  return Object.fromEntries(
    kept.map(([name, value]) => [name, name === 'route' ? routeOf(String(value)) : scrubText(String(value))]),
  );
}

function traceOf({ contexts }: Event): Event['contexts'] {
  const trace = contexts?.trace;
  if (trace === undefined) return undefined;
  const { trace_id, span_id, op, status } = trace;
  return {
    trace: Object.fromEntries(
      Object.entries({ trace_id, span_id, op, status }).filter(([, v]) => v !== undefined),
    ) as typeof trace,
  };
}

function exceptionOf({ type, value, stacktrace, mechanism }: Exception): Exception {
  return {
    ...(type === undefined ? {} : { type: scrubText(type) }),
    ...(value === undefined ? {} : { value: scrubText(value) }),
    ...(mechanism === undefined
      ? {}
      : { mechanism: { type: mechanism.type, handled: mechanism.handled ?? true } }),
    ...(stacktrace?.frames === undefined
      ? {}
      : { stacktrace: { frames: stacktrace.frames.slice(-MAX_FRAMES).map(frameOf) } }),
  };
}

/** Where it was: where all that is installed is nobody's business. */
function frameOf({ filename, function: name, lineno, colno, in_app }: StackFrame): StackFrame {
  const kept = { filename: filename && placeOf(filename), function: name, lineno, colno, in_app };
  return Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined));
}

/** From the project's root on, where it can be told; else the file alone. */
function placeOf(filename: string): string {
  const known = /(?:^|\/)((?:node_modules|server|shapes|dist)\/.*)$/.exec(filename)?.[1];
  return known ?? filename.slice(filename.lastIndexOf('/') + 1);
}
