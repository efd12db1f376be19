import { auditListSchema } from '@halo/shapes/protocol/audit-log.ts';
import type { AuditEntry } from '@halo/shapes/protocol/audit-log.ts';
import { AUDIT_ACTIONS } from '@halo/shapes/taxonomy/audit-actions.ts';
import { useEffect, useMemo } from 'react';
import type { z } from 'zod';
import { Link, useChoice } from '../routing/navigation.tsx';
import { pathOf } from '../routing/routes.ts';
import { usePages } from '../session/use-pages.ts';
import { useShape } from '../sync/use-shape.ts';
import { shortId } from '../texts/format.ts';
import { t, wordFor } from '../texts/texts.ts';
import { Age } from '../ui/age.tsx';
import { Chip } from '../ui/chip.tsx';
import { SelectFilter, optionsOf } from '../ui/filters.tsx';
import { PageList } from '../ui/page-list.tsx';
import { Page } from '../ui/page.tsx';
import { Empty, LostNote } from '../ui/states.tsx';
import { Table } from '../ui/table.tsx';
import type { Column } from '../ui/table.tsx';
import { newsOf, withNews } from './audit-entry.ts';
import type { AuditFilter } from './audit-entry.ts';

const ACTIONS = AUDIT_ACTIONS.map((action) => ({ value: action, label: action }));

/** Where the thing that was acted on is shown. */
function Target({ kind, id }: { kind: string; id: string | null }) {
  if (id === null) return <>{kind}</>;
  const pages = {
    user: 'users',
    device: 'devices',
    mutation: 'mutations',
    model: 'models',
    job_run: 'jobs',
  } as const;
  const page = pages[kind as keyof typeof pages];
  const short = <code className="nowrap">{shortId(id)}</code>;
  return (
    <>
      <span className="muted">{kind.replaceAll('_', ' ')}</span>{' '}
      {page === undefined ? short : <Link href={pathOf(page, id)}>{short}</Link>}
    </>
  );
}

const COLUMNS: readonly Column<AuditEntry>[] = [
  { key: 'when', head: t.audit.when, cell: ({ at }) => <Age at={at} /> },
  { key: 'action', head: t.audit.action, cell: ({ action }) => <code className="nowrap">{action}</code> },
  {
    key: 'actor',
    head: t.audit.actor,
    cell: ({ actorId, actorKind, actorRole }) =>
      actorId === null ? (
        actorKind === 'system' ? (
          t.audit.system
        ) : (
          '–'
        )
      ) : (
        <>
          <Link href={pathOf('users', actorId)}>
            <code className="nowrap">{shortId(actorId)}</code>
          </Link>{' '}
          <span className="muted">{actorRole === null ? actorKind : t.roles[actorRole]}</span>
        </>
      ),
  },
  {
    key: 'target',
    head: t.audit.target,
    cell: ({ targetKind, targetId }) => <Target kind={targetKind} id={targetId} />,
  },
  {
    key: 'outcome',
    head: t.audit.outcome,
    cell: ({ outcome }) => (
      <Chip tone={outcome === 'done' ? 'good' : 'bad'}>{wordFor(t.audit.outcomes, outcome)}</Chip>
    ),
  },
  { key: 'reason', head: t.audit.reason, cell: ({ reason }) => reason ?? '–' },
  {
    key: 'details',
    head: t.audit.details,
    cell: ({ details }) => {
      const text = JSON.stringify(details);
      return text === '{}' ? (
        '–'
      ) : (
        <code className="value" title={text}>
          {text}
        </code>
      );
    },
  },
  { key: 'from', head: t.audit.from, cell: ({ address }) => <code>{address ?? '–'}</code> },
];

const entriesOf = (page: z.infer<typeof auditListSchema>) => page.entries;

/** What was read of the log page by page, and over it by itself whatever is done meanwhile: two years of it would be too much. */
function useEntries(filter: AuditFilter) {
  const { action, outcome, targetId } = filter;
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ action, outcome, targetId }))
    if (value !== undefined) query.set(name, value);
  const path = `/api/v1/admin/audit-log${query.size > 0 ? `?${query.toString()}` : ''}`;
  const news = useShape('audit_log', 'news');
  const pages = usePages(path, auditListSchema, entriesOf);
  const { reload } = pages;
  const begun = news.at === 'loading' ? undefined : news.begunAnew;
  useEffect(() => {
    // What was done before the first news could come is in the pages, if these are read after that.
    if (begun !== undefined) reload();
  }, [begun, reload]);
  const items = useMemo(() => {
    if (pages.items === undefined) return undefined;
    return withNews(news.rows.map(newsOf), pages.items, { action, outcome, targetId });
  }, [pages.items, news.rows, action, outcome, targetId]);
  return { news, pages: { ...pages, items }, isFiltered: query.size > 0 };
}

/** Who did what that not everybody may do. */
export function AuditPage() {
  const [action, setAction] = useChoice('action');
  const [outcome, setOutcome] = useChoice('outcome');
  const [target, setTarget] = useChoice('target');
  const { news, pages, isFiltered } = useEntries({ action, outcome, targetId: target });
  return (
    <Page title={t.pages.audit} lead={t.audit.lead}>
      <div className="filters">
        <SelectFilter label={t.audit.action} value={action} options={ACTIONS} onChange={setAction} />
        <SelectFilter
          label={t.audit.outcome}
          value={outcome}
          options={optionsOf(t.audit.outcomes)}
          onChange={setOutcome}
        />
        {target !== undefined && (
          <SelectFilter
            label={t.audit.target}
            value={target}
            options={[{ value: target, label: shortId(target) }]}
            onChange={setTarget}
          />
        )}
      </div>
      <div className="card">
        <LostNote of={news} />
        <PageList of={pages} empty={<Empty title={isFiltered ? t.audit.noMatch : t.audit.none} />}>
          {(entries) => (
            <Table label={t.audit.table} columns={COLUMNS} rows={entries} keyOf={({ id }) => id} />
          )}
        </PageList>
      </div>
    </Page>
  );
}
