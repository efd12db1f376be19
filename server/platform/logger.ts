import { pino } from 'pino';
import type { DestinationStream, Logger as PinoLogger, LoggerOptions } from 'pino';
import { logContext } from './log-context.ts';

/** Structured logger; every part of the server gets a child with its `component`. */
export type Logger = PinoLogger;

/**
 * Secrets and exact positions never reach a log line, whoever writes it: a key of one of these names is
 * censored at the top level and one level down.
 */
const CENSORED_KEYS = [
  'password',
  'passwordHash',
  'secret',
  'token',
  'accessToken',
  'refreshToken',
  'authorization',
  'cookie',
  'lat',
  'lon',
  'location',
  'args',
  // What Postgres adds to an error: the row that it refused, or a value that was taken already.
  'detail',
  'where',
];

/** Told of each line that is an error, with what the line and its logger say of the circumstances. */
export type OnError = (error: unknown, about: Readonly<Record<string, unknown>>) => void;

/** Of pino. */
const ERROR_LEVEL = 50;

/**
 * Makes the root logger. Each line carries what `withLogContext` says of who it belongs to. `level` is a pino level; `destination` is standard output unless given. What is logged as an
 * error is what a developer must look at: `onError` hears of it, whichever part logs it.
 */
export function createLogger(level: string, destination?: DestinationStream, onError?: OnError): Logger {
  const options: LoggerOptions = {
    ...(onError === undefined ? {} : { hooks: { logMethod: tellErrors(onError) } }),
    level,
    base: null,
    // A copy: pino writes the line's own fields into it.
    mixin: () => ({ ...logContext() }),
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    redact: { paths: CENSORED_KEYS.flatMap((key) => [key, `*.${key}`]), censor: '[censored]' },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

type LogMethod = NonNullable<NonNullable<LoggerOptions['hooks']>['logMethod']>;

function tellErrors(onError: OnError): LogMethod {
  return function (args, method, level) {
    method.apply(this, args);
    const [line] = args as unknown[];
    if (level < ERROR_LEVEL || typeof line !== 'object' || line === null) return;
    const { err, ...about } = line as Record<string, unknown>;
    if (err !== undefined) onError(err, { ...logContext(), ...this.bindings(), ...about });
  };
}
