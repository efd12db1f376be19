import { pino } from 'pino';
import type { DestinationStream, Logger as PinoLogger } from 'pino';

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

/** Makes the root logger. `level` is a pino level; `destination` is standard output unless given. */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    redact: { paths: CENSORED_KEYS.flatMap((key) => [key, `*.${key}`]), censor: '[censored]' },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
