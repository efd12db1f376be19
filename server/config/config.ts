import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Cron } from 'croner';
import { HaloError } from '../platform/errors.ts';
import { readBackupPlace } from './backups.ts';
import type { BackupPlace } from './backups.ts';
import { readOidcIssuers } from './oidc-issuers.ts';
import type { OidcIssuer } from './oidc-issuers.ts';
import { VARIABLES } from './variables.ts';
import type { Variable } from './variables.ts';

/** Everything that can be set from outside, parsed and frozen. */
export interface Config {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Undefined: embedded Postgres. */
  readonly databaseUrl: string | undefined;
  /** Absolute path. */
  readonly dataDir: string;
  readonly adminEmail: string;
  readonly adminPassword: string | undefined;
  /** Undefined: the feed is off. */
  readonly polisenFeedUrl: string | undefined;
  readonly polisenSchedule: string;
  readonly retrainSchedule: string;
  /** GeoJSON files of areas, absolute paths. */
  readonly areaFiles: readonly string[];
  /** Undefined: there is no raw endpoint. */
  readonly shapeSecret: string | undefined;
  /** Shape reads in flight at once that do not wait for news. */
  readonly maxInitialReads: number;
  /** Those that do. */
  readonly maxLiveReads: number;
  /** Bounds of the change log. */
  readonly logMaxAgeMs: number;
  readonly logMaxBytes: number;
  /** Whether the raw endpoint lets shapes be deleted. */
  readonly shapeDeletion: boolean;
  /** Who answers the named shapes; undefined: the own engine. */
  readonly electric: { readonly url: URL; readonly secret: string | undefined } | undefined;
  /** Whether changes are read from Postgres here; not where another server answers for all shapes. */
  readonly ownReadPath: boolean;
  /** Whether people make accounts by themselves. */
  readonly registration: 'open' | 'closed';
  /** Where requests are counted that are limited by address, account and device. */
  readonly rateLimit: 'memory' | 'shared' | 'off';
  /** Origins of web apps elsewhere that may ask. */
  readonly corsOrigins: readonly string[];
  /** Whose tokens are taken beside own ones. */
  readonly oidcIssuers: readonly OidcIssuer[];
  /** Reverse proxies in front. */
  readonly proxies: number;
  /** Where alerts are told; a secret. Undefined: nobody is told. */
  readonly alertWebhook: string | undefined;
  readonly alertFormat: 'slack' | 'json';
  /** Where alerts lead people: the origin that the console is reached at, and the runbook. */
  readonly alertPlaces: { readonly publicUrl: string | undefined; readonly runbookUrl: string | undefined };
  /** Undefined: errors stay in the log. */
  readonly sentryDsn: string | undefined;
  /** How long what is kept; undefined for ever. */
  readonly keptDays: KeptDays;
  /** Who reads `/metrics` from elsewhere: whoever brings the token, or everybody. Undefined: who has the scope. */
  readonly metricsAccess: { readonly token: string } | 'open' | undefined;
  readonly backups: BackupSettings;
  readonly logLevel: string;
  readonly version: string;
}

/** Days that are kept, each undefined for ever. */
export interface KeptDays {
  readonly positions: number | undefined;
  readonly texts: number | undefined;
  readonly payloads: number | undefined;
  readonly feeds: number | undefined;
}

/** How backups are taken. */
export interface BackupSettings {
  /** Undefined: none are taken. */
  readonly place: BackupPlace | undefined;
  /** An identity of age; a secret. Undefined: they are not encrypted. */
  readonly key: string | undefined;
  readonly schedule: string;
  readonly method: 'auto' | 'copy' | 'pg_dump';
  /** Whether they are restored for a trial. */
  readonly verify: boolean;
}

/**
 * Reads the configuration from `env` (the process's environment unless given). An empty variable, or a secret's file that is
 * an empty device, counts as unset. Fails with `config_invalid`, naming the variable and what it should be.
 */
export function loadConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const feedUrl = read(env, 'POLISEN_FEED_URL');
  const shapeSecret = read(env, 'HALO_SHAPE_SECRET');
  const upstream = electric(read(env, 'ELECTRIC_URL'), read(env, 'ELECTRIC_SECRET'));
  return Object.freeze({
    host: read(env, 'HOST'),
    port: read(env, 'PORT'),
    databaseUrl: read(env, 'DATABASE_URL'),
    dataDir: resolve(read(env, 'HALO_DATA_DIR')),
    adminEmail: read(env, 'HALO_ADMIN_EMAIL'),
    adminPassword: read(env, 'HALO_ADMIN_PASSWORD'),
    polisenFeedUrl: feedUrl === 'off' ? undefined : feedUrl,
    areaFiles: (read(env, 'HALO_AREAS') ?? []).map((path) => resolve(path)),
    polisenSchedule: cron('POLISEN_SCHEDULE', read(env, 'POLISEN_SCHEDULE')),
    retrainSchedule: cron('RETRAIN_SCHEDULE', read(env, 'RETRAIN_SCHEDULE')),
    maxInitialReads: read(env, 'HALO_MAX_INITIAL_READS'),
    maxLiveReads: read(env, 'HALO_MAX_LIVE_READS'),
    logMaxAgeMs: read(env, 'HALO_LOG_DAYS') * 86_400_000,
    logMaxBytes: read(env, 'HALO_LOG_MIB') * 1_048_576,
    shapeSecret,
    shapeDeletion: deletion(read(env, 'HALO_SHAPE_DELETION') === 'on', shapeSecret),
    electric: upstream,
    ownReadPath: upstream === undefined || shapeSecret !== undefined,
    registration: read(env, 'HALO_REGISTRATION'),
    rateLimit: rateLimit(read(env, 'HALO_RATE_LIMIT'), read(env, 'DATABASE_URL')),
    corsOrigins: read(env, 'HALO_CORS_ORIGINS') ?? [],
    proxies: read(env, 'HALO_TRUSTED_PROXIES'),
    metricsAccess: metricsAccess(read(env, 'HALO_METRICS_TOKEN')),
    alertWebhook: read(env, 'HALO_ALERT_WEBHOOK'),
    alertFormat: read(env, 'HALO_ALERT_FORMAT'),
    alertPlaces: { publicUrl: read(env, 'HALO_PUBLIC_URL'), runbookUrl: read(env, 'HALO_RUNBOOK_URL') },
    sentryDsn: read(env, 'SENTRY_DSN'),
    oidcIssuers: oidcIssuers(read(env, 'HALO_OIDC_ISSUERS')),
    keptDays: {
      positions: days(read(env, 'HALO_KEEP_POSITIONS_DAYS')),
      texts: days(read(env, 'HALO_KEEP_TEXTS_DAYS')),
      payloads: days(read(env, 'HALO_KEEP_PAYLOADS_DAYS')),
      feeds: days(read(env, 'HALO_KEEP_FEED_DAYS')),
    },
    backups: backups(env),
    logLevel: read(env, 'LOG_LEVEL'),
    version: read(env, 'VERSION'),
  });
}

type Variables = typeof VARIABLES;
type ValueOf<Name extends keyof Variables> = ReturnType<Variables[Name]['schema']['parse']>;

function read<Name extends keyof Variables>(env: NodeJS.ProcessEnv, name: Name): ValueOf<Name> {
  const raw = given(env, name);
  const parsed = VARIABLES[name].schema.safeParse(raw === '' ? undefined : raw);
  if (!parsed.success) throw invalid(name, parsed.error.issues[0]?.message ?? 'is not valid');
  return parsed.data as ValueOf<Name>;
}

/** The value of a variable, or of the file that holds it. */
function given(env: NodeJS.ProcessEnv, name: keyof Variables): string | undefined {
  const raw = env[name];
  const { secret }: Variable = VARIABLES[name];
  const path = secret === true ? env[`${name}_FILE`] : undefined;
  if (path === undefined || path === '') return raw;
  const held = contentsOf(path, name);
  // A device such as /dev/null, which compose mounts for each secret that is not set, is as good as none; a file is somebody's mishap.
  if (held === '' && statSync(path).isFile()) throw invalid(name, `is empty in the file of ${name}_FILE`);
  if (held !== '' && raw !== undefined && raw !== '')
    throw invalid(name, 'must not be given twice, by itself and as a file');
  return held === '' ? raw : held;
}

function contentsOf(path: string, name: keyof Variables): string {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw invalid(name, `cannot be read from the file of ${name}_FILE (${reason})`);
  }
}

/** Several instances may be on a Postgres of their own; the embedded one has just this. */
function rateLimit(asked: ValueOf<'HALO_RATE_LIMIT'>, databaseUrl: string | undefined): Config['rateLimit'] {
  if (asked !== 'on') return asked;
  return databaseUrl === undefined ? 'memory' : 'shared';
}

function metricsAccess(token: string | undefined): Config['metricsAccess'] {
  return token === undefined || token === 'open' ? token : { token };
}

function electric(url: string | undefined, secret: string | undefined): Config['electric'] {
  if (url !== undefined) return { url: new URL(url), secret };
  if (secret === undefined) return undefined;
  throw invalid('ELECTRIC_SECRET', 'is of no use without ELECTRIC_URL');
}

function oidcIssuers(text: string | undefined): readonly OidcIssuer[] {
  if (text === undefined) return [];
  const read = readOidcIssuers(text);
  if ('fault' in read) throw invalid('HALO_OIDC_ISSUERS', read.fault);
  return read.issuers;
}

function backups(env: NodeJS.ProcessEnv): BackupSettings {
  const found = readBackupPlace({
    dir: read(env, 'HALO_BACKUP_DIR'),
    usualDir: join(read(env, 'HALO_DATA_DIR'), 'backups'),
    s3: read(env, 'HALO_BACKUP_S3'),
    region: read(env, 'HALO_BACKUP_S3_REGION'),
    accessKey: read(env, 'HALO_BACKUP_S3_ACCESS_KEY'),
    secretKey: read(env, 'HALO_BACKUP_S3_SECRET_KEY'),
  });
  if ('fault' in found) throw invalid(found.name, found.fault);
  return {
    place: found.place,
    key: read(env, 'HALO_BACKUP_KEY'),
    schedule: cron('HALO_BACKUP_SCHEDULE', read(env, 'HALO_BACKUP_SCHEDULE')),
    method: read(env, 'HALO_BACKUP_METHOD'),
    verify: read(env, 'HALO_BACKUP_VERIFY') === 'on',
  };
}

function deletion(isOn: boolean, secret: string | undefined): boolean {
  if (isOn && secret === undefined) {
    throw invalid('HALO_SHAPE_DELETION', 'must be off without HALO_SHAPE_SECRET');
  }
  return isOn;
}

function days(text: string): number | undefined {
  return text === 'forever' ? undefined : Number(text);
}

function cron(name: keyof Variables, expression: string): string {
  try {
    new Cron(expression, { paused: true, timezone: 'UTC' }).stop();
    return expression;
  } catch {
    throw invalid(name, 'must be a cron expression, for example "*/5 * * * *"');
  }
}

function invalid(name: keyof Variables, fault: string): HaloError {
  return new HaloError('config_invalid', `${name} ${fault}.`, { field: name, hint: VARIABLES[name].help });
}
