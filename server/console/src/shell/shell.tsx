import { useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { Link, goTo, usePlace } from '../routing/navigation.tsx';
import { pathOf } from '../routing/routes.ts';
import type { Page } from '../routing/routes.ts';
import { useAccount, useParts } from '../session/session-context.tsx';
import { t } from '../texts/texts.ts';
import { verdictTone } from '../overview/verdict-tone.ts';
import { OverviewFeed, useOverview } from '../overview/overview-feed.tsx';
import { Icon } from '../ui/icon.tsx';
import { ThemeChoice } from './theme.tsx';

const GROUPS: readonly { readonly head: string; readonly pages: readonly Page[] }[] = [
  { head: '', pages: ['overview', 'alerts'] },
  { head: t.groups.sync, pages: ['devices', 'mutations', 'shapes', 'replication', 'feeds'] },
  { head: t.groups.work, pages: ['jobs', 'models', 'map'] },
  { head: t.groups.people, pages: ['users', 'tokens', 'audit'] },
];

/** Pages that officers may see: what is in it is open to their role. */
const FOR_OFFICERS: ReadonlySet<Page> = new Set(['map']);

/** Whether a role may see a page. The server judges each request anyway. */
export function isOpenTo(page: Page, role: string): boolean {
  return role === 'operator' || (role === 'officer' && FOR_OFFICERS.has(page));
}

/** The frame of all pages: the ways to go, who is logged in, and the page. */
export function Shell({ children }: { children: ReactNode }) {
  const [isOpen, setOpen] = useState(false);
  const content = useRef<HTMLElement>(null);
  return (
    <OverviewFeed>
      <div className="shell">
        <a
          className="skip-link"
          href="#content"
          onClick={(event) => {
            event.preventDefault();
            content.current?.focus();
          }}
        >
          {t.skipToContent}
        </a>
        <header className="topbar">
          <Brand mark={<WrongMark />} />
          <button
            type="button"
            className="icon-button"
            aria-label={t.menu}
            aria-expanded={isOpen}
            aria-controls="side"
            onClick={() => setOpen(!isOpen)}
          >
            <Icon name={isOpen ? 'close' : 'menu'} />
          </button>
        </header>
        <aside id="side" aria-label={t.menu} className={isOpen ? 'side side-open' : 'side'}>
          <Brand />
          <Navigation onGo={() => setOpen(false)} />
          <SideFoot />
        </aside>
        <main id="content" ref={content} tabIndex={-1} className="content">
          {children}
        </main>
      </div>
    </OverviewFeed>
  );
}

function Brand({ mark }: { mark?: ReactNode }) {
  return (
    <Link className="brand" href={pathOf('overview')}>
      <img src="/console/halo.svg" alt="" width="28" height="28" />
      {t.appName}
      {mark}
    </Link>
  );
}

function Navigation({ onGo }: { onGo: () => void }) {
  const { role } = useAccount();
  const { page: current } = usePlace();
  const groups = GROUPS.map(({ head, pages }) => ({
    head,
    pages: pages.filter((page) => isOpenTo(page, role)),
  }));
  return (
    <nav aria-label={t.mainNavigation}>
      {groups
        .filter(({ pages }) => pages.length > 0)
        .map(({ head, pages }) => (
          <div key={head} className="nav-group">
            {head !== '' && <p className="nav-head">{head}</p>}
            <ul>
              {pages.map((page) => (
                <li key={page}>
                  <Link
                    className="nav-link"
                    href={pathOf(page)}
                    aria-current={page === current ? 'page' : undefined}
                    onClick={onGo}
                  >
                    <Icon name={page} size={18} />
                    {t.pages[page]}
                    {page === 'overview' && <WrongMark />}
                  </Link>
                </li>
              ))}
            </ul>
          </div>
        ))}
    </nav>
  );
}

/** Says on every page that something is wrong somewhere, or that nobody knows. */
function WrongMark() {
  const { data, error } = useOverview();
  if (error !== undefined && (data === undefined || data.verdict === 'well'))
    return (
      <span className="nav-mark nav-mark-warn">
        <span className="visually-hidden">{t.overview.unknown}</span>
      </span>
    );
  if (data === undefined || data.verdict === 'well') return null;
  return (
    <span className={`nav-mark nav-mark-${verdictTone(data.verdict)}`}>
      <span className="visually-hidden">{t.overview.verdicts[data.verdict]}</span>
    </span>
  );
}

function SideFoot() {
  const { session } = useParts();
  const { email, displayName, role } = useAccount();
  return (
    <div className="side-foot">
      <p className="who">
        <strong>{displayName}</strong>
        <span className="muted" title={email ?? undefined}>
          {email}
        </span>
        <span className="muted">{t.roles[role]}</span>
      </p>
      <ThemeChoice />
      <button
        type="button"
        className="button"
        onClick={() => {
          void session.logOut();
          goTo(pathOf('overview'));
        }}
      >
        <Icon name="out" size={17} />
        {t.logOut}
      </button>
    </div>
  );
}
