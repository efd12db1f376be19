import type { Queryable } from '../db/pool.ts';

/** Rows that are read, and are in memory, at once. */
const PAGE_ROWS = 500;

/** Rows of one kind that are kept of a person; the names of columns are those of the tables. */
interface Kind {
  readonly columns: string;
  readonly table: string;
  /** The column that names the person. */
  readonly owner: string;
  /** What the rows are in the order of, with types: together they tell one row from another, and an index has them. */
  readonly order: readonly (readonly [column: string, type: string])[];
}

const ID = [['id', 'uuid']] as const;

const KINDS: Readonly<Record<string, Kind>> = {
  account: {
    columns: 'id, email, display_name, role, users.kind, issuer, subject, created_at',
    table: 'users',
    owner: 'id',
    order: ID,
  },
  sessions: {
    columns: 'id, created_at, last_used_at, expires_at, user_agent, app, revoked_at, revoked_reason',
    table: 'sessions',
    owner: 'user_id',
    order: ID,
  },
  devices: {
    columns: 'id, last_seq, created_at, last_seen_at',
    table: 'devices',
    owner: 'user_id',
    order: ID,
  },
  deviceStatus: {
    columns: `id, known_by, app_version, first_seen_at, heard_at, silent_since, pending, rejected, oldest_s, reported_at,
      pending_since, error_code, error_from, error_at`,
    table: 'device_status',
    owner: 'user_id',
    order: ID,
  },
  deviceEvents: {
    columns: 'id, device_id, at, kind, shape, code, times',
    table: 'device_events',
    owner: 'user_id',
    order: [['id', 'bigint']],
  },
  deviceChecks: {
    columns: 'id, device_id, asked_at, sent_at, answered_at, answer',
    table: 'device_checks',
    owner: 'user_id',
    order: ID,
  },
  reports: {
    columns: `id, source, device_id, type, severity, occurred_at, claimed_at, clock_suspect, received_at, description, lat, lon,
      accuracy_m, region, municipality, district, anonymous, status, incident_id, version, updated_at`,
    table: 'reports',
    owner: 'reporter_id',
    order: [['received_at', 'timestamptz'], ...ID],
  },
  reportVersions: {
    columns:
      'report_id, version, type, severity, occurred_at, description, lat, lon, accuracy_m, replaced_at',
    table: 'report_versions',
    owner: 'reporter_id',
    order: [
      ['report_id', 'uuid'],
      ['version', 'integer'],
    ],
  },
  comments: {
    columns: 'id, incident_id, body, created_at, deleted_at',
    table: 'comments',
    owner: 'author_id',
    order: ID,
  },
  votes: {
    columns: 'comment_id, up, voted_at',
    table: 'comment_votes',
    owner: 'user_id',
    order: [['comment_id', 'uuid']],
  },
  watches: {
    columns: 'id, name, lat, lon, radius_m, threshold, created_at, updated_at',
    table: 'watches',
    owner: 'user_id',
    order: ID,
  },
  mutations: {
    columns: 'id, device_id, seq, type, args, status, code, message, field, result, claimed_at, settled_at',
    table: 'ledger',
    owner: 'user_id',
    order: [['settled_at', 'timestamptz'], ...ID],
  },
  requestKeys: {
    columns: 'key, mutation_id',
    table: 'request_keys',
    owner: 'user_id',
    order: [['key', 'text']],
  },
  decisions: {
    columns: 'id, incident_id, from_state, to_state, note, made_at',
    table: 'incident_transitions',
    owner: 'actor_id',
    order: ID,
  },
  invitations: {
    columns: 'id, email, role, created_at, accepted_at',
    table: 'invitations',
    owner: 'accepted_by',
    order: ID,
  },
  passwordResets: {
    columns: 'issued_at, expires_at',
    table: 'password_resets',
    owner: 'user_id',
    order: [['user_id', 'uuid']],
  },
  serviceTokens: {
    columns: 'id, name, scopes, created_at, expires_at, last_used_at, revoked_at',
    table: 'service_tokens',
    owner: 'created_by',
    order: ID,
  },
  acts: {
    columns: 'id, at, action, target_kind, target_id, outcome, reason, details, address, request_id',
    table: 'audit_log',
    owner: 'actor_id',
    order: [['at', 'timestamptz'], ...ID],
  },
  removals: {
    columns: 'id, kind, role, at',
    table: 'removals',
    owner: 'user_id',
    order: ID,
  },
  rulings: {
    columns: 'official_id, incident_id, state, decided_at',
    table: 'incident_matches',
    owner: 'decided_by',
    order: [
      ['official_id', 'uuid'],
      ['incident_id', 'uuid'],
    ],
  },
};

/**
 * All that is kept of a person (GDPR, articles 15 and 20) as the text of a JSON object of lists, in pieces: a page of rows is in
 * memory at a time, however many there are, and the next is read when this one is taken.
 */
export async function* exportPerson(db: Queryable, userId: string): AsyncGenerator<string, void, undefined> {
  let before = '{';
  for (const [name, kind] of Object.entries(KINDS)) {
    yield `${before}${JSON.stringify(name)}:[`;
    before = '],';
    let comma = '';
    for await (const rows of pagesOf(db, kind, userId)) {
      yield comma + rows.map((row) => JSON.stringify(row)).join(',');
      comma = ',';
    }
  }
  yield ']}';
}

async function* pagesOf(
  db: Queryable,
  kind: Kind,
  userId: string,
): AsyncGenerator<object[], void, undefined> {
  const { columns, table, owner, order } = kind;
  const names = order.map(([column]) => column).join(', ');
  // As text: a time in JavaScript would lose its microseconds.
  const place = `ARRAY[${order.map(([column]) => `${column}::text`).join(', ')}] AS place`;
  const from = order.map(([, type], index) => `($2::text[])[${index + 1}]::${type}`).join(', ');
  let after: readonly string[] | null = null;
  do {
    const { rows }: { rows: { place: string[] }[] } = await db.query(
      `SELECT ${columns}, ${place} FROM ${table} WHERE ${owner} = $1 AND ($2::text[] IS NULL OR (${names}) > (${from}))
       ORDER BY ${names} LIMIT ${PAGE_ROWS}`,
      [userId, after],
    );
    if (rows.length > 0) yield rows.map(({ place: _, ...row }) => row);
    after = rows.length < PAGE_ROWS ? null : (rows.at(-1)?.place ?? null);
  } while (after !== null);
}
