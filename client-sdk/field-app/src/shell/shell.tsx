import { useEffect, useRef, useState } from 'react';
import { useOpenSession } from '../device/session-context.tsx';
import { IncidentsView } from '../incidents/incidents-view.tsx';
import { useAreas } from '../region/areas.ts';
import { QueueView } from '../queue/queue-view.tsx';
import { AmendView } from '../report/amend-view.tsx';
import { ReportView } from '../report/report-view.tsx';
import { QualityView } from '../quality/quality-view.tsx';
import { MyReports } from '../reports/my-reports.tsx';
import { t } from '../texts/texts.ts';
import { Icon } from '../ui/icon.tsx';
import { StatusSheet } from '../status/status-sheet.tsx';
import { NoticesProvider } from '../watches/notices-provider.tsx';
import { useRememberWatched } from '../watches/use-watched-counties.ts';
import { WatchesView } from '../watches/watches-view.tsx';
import { AccountSheet } from './account-sheet.tsx';
import { Banner } from './banner.tsx';
import { useRoute } from './route.ts';
import type { Route } from './route.ts';
import { Tabs } from './tabs.tsx';

/** The frame of all views: who and where, the banner, the ways to go, and the view itself. */
export function Shell({ onLogIn }: { onLogIn: () => void }) {
  const { region, email } = useOpenSession();
  const areas = useAreas();
  const route = useRoute();
  const [sheet, setSheet] = useState<'account' | 'status'>();
  const closeSheet = () => setSheet(undefined);
  // Pressing "Report" while a report has just been saved asks for an empty form.
  const [visit, setVisit] = useState(0);
  const content = useRef<HTMLElement>(null);
  useFocusOnChange(route, content);
  useRememberWatched();
  return (
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
        <span className="brand">
          <img src="/icons/halo.svg" alt="" width="32" height="32" />
          {t.appName}
        </span>
        <button
          type="button"
          className="topbar-button"
          aria-haspopup="dialog"
          aria-label={[areas.find(region)?.name ?? region, `${t.account}: ${email ?? t.own.nobody}`]
            .filter(Boolean)
            .join('. ')}
          onClick={() => setSheet('account')}
        >
          <span className="topbar-region">{areas.find(region)?.name ?? ' '}</span>
          <Icon name="person" />
        </button>
      </header>
      <Banner onLogIn={onLogIn} onDetails={() => setSheet('status')} />
      <Tabs current={route} onPress={() => setVisit(visit + 1)} />
      <main id="content" ref={content} tabIndex={-1} className={`content content-${route}`}>
        <NoticesProvider>
          <View key={viewKey(route, visit)} route={route} />
        </NoticesProvider>
      </main>
      {sheet === 'account' && <AccountSheet onClose={closeSheet} onStatus={() => setSheet('status')} />}
      {sheet === 'status' && <StatusSheet onClose={closeSheet} />}
    </div>
  );
}

/** List and map are one view, so that what was chosen in one is shown in the other. */
function viewKey(route: Route, visit: number): string | number {
  if (route === 'report') return visit;
  return route === 'map' ? 'incidents' : route;
}

function View({ route }: { route: Route }) {
  switch (route) {
    case 'incidents':
      return <IncidentsView shows="list" />;
    case 'map':
      return <IncidentsView shows="map" />;
    case 'report':
      return <ReportView />;
    case 'places':
      return <WatchesView />;
    case 'mine':
      return <MyReports />;
    case 'amend':
      return <AmendView />;
    case 'queue':
      return <QueueView />;
    case 'quality':
      return <QualityView />;
  }
}

/** A new view begins at its top, and the keyboard in it; not at the first one, where nobody has pressed. */
function useFocusOnChange(route: Route, content: React.RefObject<HTMLElement | null>): void {
  const last = useRef(route);
  useEffect(() => {
    if (last.current === route) return;
    last.current = route;
    scrollTo(0, 0);
    content.current?.focus({ preventScroll: true });
  }, [route, content]);
}
