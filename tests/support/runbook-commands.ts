import { readFileSync } from 'node:fs';

const RUNBOOK = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8').replaceAll(
  /\\\n\s*/g,
  ' ',
);

/** What the runbook has people type, by what it is for. */
export interface RunbookCommands {
  /** Statements that are given to `psql`. */
  readonly sql: readonly string[];
  /** Requests to Halo: `GET` or `POST`, and the address behind `$HALO`. */
  readonly requests: readonly { readonly method: string; readonly path: string }[];
  /** Routes that are named without a command, as `POST /api/v1/…`, parameters in braces. */
  readonly routes: readonly { readonly method: string; readonly path: string }[];
  /** Beginnings of the lines of `/metrics` that are searched for, as regular expressions. */
  readonly metrics: readonly string[];
  /** All metrics that are named anywhere. */
  readonly named: readonly string[];
}

/** Reads the commands out of docs/runbook.md, fenced or in the text. */
export function runbookCommands(): RunbookCommands {
  const sql = [...RUNBOOK.matchAll(/psql \$DB -c (?:"([^"]+)"|'([^']+)')/g)].map(([, a, b]) => a ?? b!);
  const requests = [...RUNBOOK.matchAll(/curl ([^\n`|]*?)"?\$HALO(\/[^\s"`]*)"?([^\n`]*)/g)].map(
    ([, before, path, after]) => {
      const posts = /-X POST|(^| )-d /.test(`${before} ${after}`);
      return { method: posts ? 'POST' : 'GET', path: path! };
    },
  );
  const routes = [...RUNBOOK.matchAll(/`(?:(GET|POST) )?(\/api\/v1\/[^`\s]*)`/g)].map(([, method, path]) => ({
    method: method ?? 'GET',
    path: path!,
  }));
  const metrics = [...RUNBOOK.matchAll(/\/metrics \| grep (?:-E )?'([^']+)'/g)].map(
    ([, pattern]) => pattern!,
  );
  const named = [...RUNBOOK.matchAll(/`(halo_[a-z_]+[a-z])(?=[{`])/g)].map(([, name]) => name!);
  return { sql, requests, routes, metrics, named };
}
