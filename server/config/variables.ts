import { z } from 'zod';
import { areBackupKeys } from './backup-key.ts';

/** A bound that lets nobody in would be a mistake. */
const COUNT = /^[1-9]\d{0,5}$/;
const COUNT_FORM = 'must be a number from 1 to 999999';
const PORT_FORM = 'must be a port number from 0 to 65535';
/** Days, or for ever. */
const KEPT_DAYS = z
  .string()
  .regex(/^([1-9]\d{0,4}|forever)$/, 'must be a number of days from 1 to 99999, or forever');
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** Address of the first operator where nobody has chosen one. */
export const DEFAULT_ADMIN_EMAIL = 'admin@localhost';

/**
 * Every environment variable that Halo reads, declared once: its form, its default, and what it does. The
 * table in the README is checked against this list.
 */
export const VARIABLES = {
  PORT: {
    schema: z
      .string()
      .regex(/^\d{1,5}$/, PORT_FORM)
      .transform(Number)
      .refine((port) => port <= 65_535, PORT_FORM)
      .default(3000),
    help: 'Port of the HTTP server; 0 takes a free one.',
  },
  HOST: { schema: z.string().min(1).default('127.0.0.1'), help: 'Address that the HTTP server listens on.' },
  DATABASE_URL: {
    secret: true,
    schema: z
      .string()
      .regex(/^postgres(ql)?:\/\//, 'must begin with postgres:// or postgresql://')
      .optional(),
    help: 'An existing Postgres (14 or newer). Unset: Postgres is started in the data directory.',
  },
  HALO_DATA_DIR: { schema: z.string().min(1).default('.halo'), help: 'Directory of all that Halo keeps.' },
  HALO_ADMIN_EMAIL: {
    schema: z
      .string()
      .regex(/^[^@\s]+@[^@\s]+$/, 'must be an e-mail address')
      .toLowerCase()
      .default(DEFAULT_ADMIN_EMAIL),
    help: 'E-mail address of the first operator; for the first start alone.',
  },
  HALO_ADMIN_PASSWORD: {
    secret: true,
    schema: z.string().min(10, 'must have at least 10 characters').max(200).optional(),
    help: 'Password of the first operator; for the first start alone. Unset: generated and printed once.',
  },
  POLISEN_FEED_URL: {
    schema: z
      .string()
      .regex(/^(off|https?:\/\/.+|file:.+)$/, 'must be an http:, https: or file: URL, or off')
      .default('https://polisen.se/api/events'),
    help: 'Feed of the Swedish police; `off` disables it.',
  },
  POLISEN_SCHEDULE: { schema: z.string().min(1).default('*/5 * * * *'), help: 'Cron (UTC) of the feed.' },
  RETRAIN_SCHEDULE: {
    schema: z.string().min(1).default('0 2 * * *'),
    help: 'Cron (UTC) of the retraining of the forecasts.',
  },
  HALO_AREAS: {
    schema: z
      .string()
      .transform((list) => list.split(',').map((path) => path.trim()))
      .refine((paths) => paths.every((path) => path !== ''), 'must be paths of files, separated by commas')
      .optional(),
    help: 'GeoJSON files of counties, municipalities and districts, separated by commas; see `docs/areas.md`.',
  },
  HALO_SHAPE_SECRET: {
    secret: true,
    schema: z.string().min(16, 'must have at least 16 characters').max(200).optional(),
    help: 'Set: `/v1/shape`, Electric’s own API over every table, is there for whoever brings it. Unset: it is not.',
  },
  HALO_MAX_INITIAL_READS: {
    schema: z.string().regex(COUNT, COUNT_FORM).transform(Number).default(2_000),
    help: 'Shape reads in flight at once that begin or catch up; more are told to come back (503).',
  },
  HALO_MAX_LIVE_READS: {
    schema: z.string().regex(COUNT, COUNT_FORM).transform(Number).default(15_000),
    help: 'Shape reads at once that wait for news; more are told to come back (503).',
  },
  HALO_LOG_DAYS: {
    schema: z.string().regex(COUNT, COUNT_FORM).transform(Number).default(30),
    help: 'Days that changes stay in the log; who was away for longer fetches his shapes anew.',
  },
  HALO_LOG_MIB: {
    schema: z.string().regex(COUNT, COUNT_FORM).transform(Number).default(1_024),
    help: 'Size of the change log on disk, in MiB; beyond it the oldest changes go.',
  },
  HALO_KEEP_POSITIONS_DAYS: {
    schema: KEPT_DAYS.default('365'),
    help: 'Days that exact places of people’s reports are kept, or `forever`; then the cell’s centre.',
  },
  HALO_KEEP_TEXTS_DAYS: {
    schema: KEPT_DAYS.default('1095'),
    help: 'Days that words of people’s reports, and comments, are kept, or `forever`.',
  },
  HALO_KEEP_PAYLOADS_DAYS: {
    schema: KEPT_DAYS.default('90'),
    help: 'Days that the ledger keeps what mutations asked for, or `forever`; their answers stay.',
  },
  HALO_KEEP_FEED_DAYS: {
    schema: KEPT_DAYS.default('365'),
    help: 'Days that earlier versions of official items are kept, or `forever`.',
  },
  HALO_SHAPE_DELETION: {
    schema: z.enum(['on', 'off'], 'must be on or off').default('off'),
    help: 'Whether `DELETE /v1/shape` makes all readers of a shape fetch it again; `on` needs `HALO_SHAPE_SECRET`.',
  },
  ELECTRIC_URL: {
    schema: z
      .string()
      .refine(isPlainUrl, 'must be an http: or https: URL without user, password and fragment')
      .optional(),
    help: 'Set: an Electric, or another Halo’s raw endpoint, answers the named shapes. Unset: the own engine does.',
  },
  ELECTRIC_SECRET: {
    secret: true,
    schema: z.string().min(1).max(200).optional(),
    help: 'Secret that the server at `ELECTRIC_URL` asks for.',
  },
  HALO_OIDC_ISSUERS: {
    schema: z.string().min(1).max(100_000).optional(),
    help: 'JSON, or a file of it, that names OpenID Connect issuers whose tokens are taken beside own ones; see `docs/users.md`.',
  },
  HALO_REGISTRATION: {
    schema: z.enum(['open', 'closed'], 'must be open or closed').default('open'),
    help: 'Whether people make accounts by themselves, or are invited (`closed`), so that nobody learns here who has one; without an account they report either way.',
  },
  HALO_RATE_LIMIT: {
    schema: z.enum(['on', 'memory', 'shared', 'off'], 'must be on, memory, shared or off').default('on'),
    help: 'Limits by address, account and device: counted in `memory`, in Postgres for several instances (`shared`), or not (`off`); `on` is `shared` with `DATABASE_URL`.',
  },
  HALO_CORS_ORIGINS: {
    schema: z
      .string()
      .transform((list) => list.split(',').map((origin) => origin.trim()))
      .refine(
        (origins) => origins.every(isOrigin),
        'must be origins such as https://app.example, separated by commas',
      )
      .optional(),
    help: 'Origins of web apps on other hosts that may ask, separated by commas. Unset: none.',
  },
  HALO_TRUSTED_PROXIES: {
    schema: z.string().regex(/^\d$/, 'must be a number from 0 to 9').transform(Number).default(0),
    help: 'Reverse proxies in front, whose `X-Forwarded-For` says who calls.',
  },
  HALO_METRICS_TOKEN: {
    secret: true,
    schema: z
      .string()
      .regex(
        /^(open|[A-Za-z0-9._~+/-]{16,200})$/,
        'must have 16 to 200 letters, digits or . _ ~ + / -, or be open',
      )
      .optional(),
    help: 'Reads `/metrics` from other machines, as a bearer token; `open`: everybody may. Unset: service tokens with `metrics:read`, and operators.',
  },
  HALO_ALERT_WEBHOOK: {
    secret: true,
    schema: z
      .string()
      .refine(isPlainUrl, 'must be an http: or https: URL without user, password and fragment')
      .optional(),
    help: 'Where operators are told what is wrong, by POST; a secret. Unset: only the console shows alerts.',
  },
  HALO_ALERT_FORMAT: {
    schema: z.enum(['slack', 'json'], 'must be slack or json').default('slack'),
    help: 'What is posted there: messages of Slack, or plain JSON (`docs/runbook.md`).',
  },
  HALO_PUBLIC_URL: {
    schema: z
      .string()
      .refine(
        isOriginOrRoot,
        'must be the http: or https: URL that Halo is reached at, as https://halo.example, without user, password, path, query and fragment',
      )
      .transform((text) => new URL(text).origin)
      .optional(),
    help: 'Where people reach this Halo, as `https://halo.example`: alerts then lead to their page in the console. Unset: they do not.',
  },
  HALO_RUNBOOK_URL: {
    schema: z
      .string()
      .refine(
        (text) => isPlainUrl(text) && !text.includes('#'),
        'must be an http: or https: URL without user, password and fragment',
      )
      .optional(),
    help: 'Where people read `docs/runbook.md`: alerts lead there with `#` and their name behind it. Unset: they name the file.',
  },
  HALO_BACKUP_DIR: {
    schema: z.string().min(1).optional(),
    help: 'Directory that backups are kept in, or `off`; see `docs/backups.md`. Unset, and no `HALO_BACKUP_S3`: `backups` in the data directory.',
  },
  HALO_BACKUP_S3: {
    schema: z
      .string()
      .refine(
        isBucket,
        'must be the http: or https: URL of a bucket, as https://HOST/BUCKET or https://HOST/BUCKET/PREFIX',
      )
      .optional(),
    help: 'Bucket of a storage that speaks S3’s protocol, as `https://HOST/BUCKET/PREFIX`, instead of a directory.',
  },
  HALO_BACKUP_S3_REGION: {
    schema: z.string().min(1).max(100).default('us-east-1'),
    help: 'Region of the bucket.',
  },
  HALO_BACKUP_S3_ACCESS_KEY: {
    secret: true,
    schema: z.string().min(1).max(500).optional(),
    help: 'Access key of the storage.',
  },
  HALO_BACKUP_S3_SECRET_KEY: {
    secret: true,
    schema: z.string().min(1).max(500).optional(),
    help: 'Secret key of the storage.',
  },
  HALO_BACKUP_KEY: {
    secret: true,
    schema: z
      .string()
      .regex(
        /^AGE-SECRET-KEY-(PQ-)?1[0-9A-Z]{20,3000}(\s+AGE-SECRET-KEY-(PQ-)?1[0-9A-Z]{20,3000}){0,9}$/,
        'must be an identity of age, as npm run backup -- --new-key prints, and former ones behind it',
      )
      .refine(areBackupKeys, 'has a letter that is mistyped: its checksum is wrong')
      .optional(),
    help: 'Backups are encrypted for this key (an identity of age), and cannot be read without it; former keys may stand behind it. Unset: they are not encrypted.',
  },
  HALO_BACKUP_SCHEDULE: {
    schema: z.string().min(1).default('15 1 * * *'),
    help: 'Cron (UTC) of the backup.',
  },
  HALO_BACKUP_METHOD: {
    schema: z.enum(['auto', 'copy', 'pg_dump'], 'must be auto, copy or pg_dump').default('auto'),
    help: 'Who reads the database: Postgres’s tools (`pg_dump`), the server (`copy`), or the tools where they are there and fit its version (`auto`).',
  },
  HALO_BACKUP_VERIFY: {
    schema: z.enum(['on', 'off'], 'must be on or off').default('on'),
    help: 'Whether the newest backup is restored for a trial each week, which needs the right to make a database.',
  },
  SENTRY_DSN: {
    secret: true,
    schema: z
      .string()
      .regex(/^https?:\/\/[^@/]+@[^/]+\/(.*\/)?\d+$/, 'must be a DSN of Sentry, as https://KEY@HOST/PROJECT')
      .optional(),
    help: 'Set: errors and a tenth of the requests’ times are reported there. Unset: nothing is.',
  },
  LOG_LEVEL: {
    schema: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).default('info'),
    help: 'How much is logged.',
  },
  VERSION: { schema: z.string().min(1).default('0.1.0'), help: 'Version shown by /health.' },
} as const satisfies Record<string, Variable>;

/** What an environment variable is. */
export interface Variable {
  readonly schema: z.ZodType;
  readonly help: string;
  /** Whether it may be given as a file, whose path is in the variable of this name and `_FILE`. */
  readonly secret?: boolean;
}

/** An origin as browsers send it (RFC 6454 §6.2): any other spelling would never match. */
function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:/.test(text) && new URL(text).origin === text;
}

/** Apps and API lie at the root of a host: there is no path to be under. */
function isOriginOrRoot(text: string): boolean {
  if (!isPlainUrl(text) || /[?#]/.test(text)) return false;
  return new URL(text).pathname === '/';
}

function isBucket(text: string): boolean {
  return isPlainUrl(text) && new URL(text).search === '' && /^\/[^/]+(\/.*)?$/.test(new URL(text).pathname);
}

function isPlainUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, hash } = new URL(text);
  return /^https?:$/.test(protocol) && username === '' && password === '' && hash === '';
}
