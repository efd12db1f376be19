import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateX25519Identity } from 'age-encryption';
import { expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../server/config/config.ts';
import type { Config } from '../../server/config/config.ts';
import { VARIABLES } from '../../server/config/variables.ts';
import type { Variable } from '../../server/config/variables.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

interface Service {
  readonly image?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly depends_on?: object;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

const text = readFileSync(`${ROOT}compose.yaml`, 'utf8');
const { services, secrets } = parse(text, { merge: true }) as Compose;
const halos = Object.entries(services).filter(([name]) => name.startsWith('halo'));
/** What the file settles itself, or the image, or who is in front of what within it. */
const SETTLED = [
  'PORT',
  'HOST',
  'DATABASE_URL',
  'HALO_DATA_DIR',
  'HALO_ADMIN_PASSWORD',
  'ELECTRIC_URL',
  'ELECTRIC_SECRET',
  'VERSION',
];

/** Puts variables into `${NAME:-default}`, as compose does. */
function interpolated(value: string, env: Readonly<Record<string, string>>): string {
  return value.replaceAll(
    /\$\{(\w+):-([^}]*)\}/g,
    (_, name: string, fallback: string) => env[name] || fallback,
  );
}

/** What Halo reads in the service `name`, with `env` as the file `.env`: secrets lie where compose would mount them from. */
function configOf(name: string, env: Readonly<Record<string, string>>): Config {
  const dir = mkdtempSync(join(tmpdir(), 'halo-compose-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const required = {
    database_url: 'postgres://halo:a@postgres/halo',
    admin_password: 'a long password',
    electric_secret: 'b',
  };
  for (const [secret, value] of Object.entries(required)) writeFileSync(join(dir, secret), value);
  const { environment = {}, secrets: mounted = [] } = services[name]!;
  const within = Object.entries(environment).map(([variable, value]) => {
    const secret = /^\/run\/secrets\/(.*)$/.exec(value)?.[1];
    if (secret === undefined) return [variable, interpolated(value, env)];
    expect(mounted).toContain(secret);
    const file = interpolated(secrets[secret]!.file, env).replace(/^deploy\/secrets\//, `${dir}/`);
    return [variable, file];
  });
  return loadConfig(Object.fromEntries(within) as Record<string, string>);
}

it('sets only variables that Halo reads', () => {
  expect(halos.map(([name]) => name)).toEqual(['halo', 'halo-1', 'halo-2', 'halo-3']);
  for (const [, { environment = {} }] of halos) {
    for (const name of Object.keys(environment))
      expect(Object.keys(VARIABLES)).toContain(name.replace(/_FILE$/, ''));
  }
});

it('passes on each variable that is left to the operator, and secrets as files too', () => {
  for (const [, { environment = {} }] of halos) {
    for (const [name, { secret }] of Object.entries(VARIABLES) as [string, Variable][]) {
      if (SETTLED.includes(name)) continue;
      expect(environment[name], name).toMatch(new RegExp(`^\\$\\{${name}:-[^}]*\\}$`));
      if (secret !== true) continue;
      const mounted = environment[`${name}_FILE`]?.replace('/run/secrets/', '') ?? '';
      expect(secrets[mounted]?.file, name).toBe(`\${${name}_FILE:-/dev/null}`);
    }
  }
});

it.each([
  ['halo', 0],
  ['halo-1', 1],
])('has %s start with the defaults of Halo where nothing is set', (name, proxies) => {
  const { backups, ...config } = configOf(name, {});
  const own = loadConfig({});
  expect(config).toMatchObject({
    proxies,
    adminEmail: own.adminEmail,
    polisenFeedUrl: own.polisenFeedUrl,
    keptDays: own.keptDays,
    logLevel: own.logLevel,
    shapeSecret: undefined,
    metricsAccess: undefined,
    alertWebhook: undefined,
    alertPlaces: own.alertPlaces,
    sentryDsn: undefined,
  });
  expect(backups).toEqual({ ...own.backups, place: { kind: 'directory', dir: '/backups' } });
});

it('has each instance do as the operator says', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'halo-compose-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const key = await generateX25519Identity();
  const keyFile = join(dir, 'backup_key');
  writeFileSync(keyFile, `${key}\n`);
  const env = {
    HALO_TRUSTED_PROXIES: '2',
    HALO_BACKUP_KEY_FILE: keyFile,
    HALO_ALERT_WEBHOOK: 'https://chat.example/hook',
    HALO_PUBLIC_URL: 'https://halo.example',
    HALO_RUNBOOK_URL: 'https://docs.example/runbook',
    HALO_BACKUP_DIR: 'off',
    HALO_BACKUP_S3: 'https://storage.example/city',
    HALO_BACKUP_S3_ACCESS_KEY: 'a',
    HALO_BACKUP_S3_SECRET_KEY: 'b',
    HALO_KEEP_TEXTS_DAYS: 'forever',
  };
  for (const [name] of halos) {
    expect(configOf(name, env)).toMatchObject({
      proxies: 2,
      alertWebhook: 'https://chat.example/hook',
      alertPlaces: { publicUrl: 'https://halo.example', runbookUrl: 'https://docs.example/runbook' },
      backups: { key, place: { kind: 's3', bucket: 'city' } },
      keptDays: { texts: undefined },
    });
  }
});

it('lets the password of the first operator be unset once it is another, as the log asks for', () => {
  for (const [name] of halos) {
    expect(configOf(name, {}).adminPassword).toBe('a long password');
    expect(configOf(name, { HALO_ADMIN_PASSWORD_FILE: '/dev/null' }).adminPassword).toBeUndefined();
  }
});

it('names secrets and services that are there, and is reached from this machine alone', () => {
  for (const { secrets: own = [], depends_on: needs = {}, ports = [] } of Object.values(services)) {
    for (const name of own) expect(secrets).toHaveProperty(name);
    for (const name of Array.isArray(needs) ? (needs as string[]) : Object.keys(needs))
      expect(services).toHaveProperty(name);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  }
});

it('keeps the backups of all instances in one place, which the image has for its user', () => {
  for (const [, { environment, volumes = [] }] of halos) {
    expect(environment).toHaveProperty('HALO_BACKUP_DIR', '${HALO_BACKUP_DIR:-/backups}');
    expect(volumes.filter((volume) => volume.endsWith(':/backups'))).toEqual(['backups:/backups']);
  }
  expect(readFileSync(`${ROOT}Dockerfile`, 'utf8')).toMatch(/install -d -o node -g node .*\/backups$/m);
});

it('has the balancer know each instance, and look its name up again', () => {
  const conf = readFileSync(`${ROOT}deploy/nginx.conf`, 'utf8');
  const upstreams = [...conf.matchAll(/server (halo-\d):3000 (\w+)/g)].map(([, name, first]) => [
    name,
    first,
  ]);
  expect(upstreams).toEqual(halos.slice(1).map(([name]) => [name, 'resolve']));
  // Without these nginx does not start; before 1.27.3 it does not with them.
  expect(conf).toMatch(/^ +resolver 127\.0\.0\.11 valid=\ds/m);
  expect(conf).toMatch(/^ +zone halo /m);
  const [, major, minor] = /^nginx:(\d+)\.(\d+)$/.exec(services.balancer?.image ?? '') ?? [];
  expect(Number(major) * 1000 + Number(minor)).toBeGreaterThanOrEqual(1_028);
});
