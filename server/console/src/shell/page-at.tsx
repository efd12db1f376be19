import { lazy, Suspense } from 'react';
import type { ReactNode } from 'react';
import { AlertPage } from '../alerts/alert-page.tsx';
import { AlertsPage } from '../alerts/alerts-page.tsx';
import { AuditPage } from '../audit/audit-page.tsx';
import { DevicePage } from '../device/device-page.tsx';
import { DevicesPage } from '../devices/devices-page.tsx';
import { FeedsPage } from '../feeds/feeds-page.tsx';
import { JobsPage } from '../jobs/jobs-page.tsx';
import { RunPage } from '../jobs/run-page.tsx';
import { ModelPage } from '../models/model-page.tsx';
import { ModelsPage } from '../models/models-page.tsx';
import { MutationPage } from '../mutations/mutation-page.tsx';
import { MutationsPage } from '../mutations/mutations-page.tsx';
import { OverviewPage } from '../overview/overview-page.tsx';
import { ReplicationPage } from '../replication/replication-page.tsx';
import { Link } from '../routing/navigation.tsx';
import { pathOf } from '../routing/routes.ts';
import type { Page as PageName, Place } from '../routing/routes.ts';
import { ShapePage } from '../shapes/shape-page.tsx';
import { ShapesPage } from '../shapes/shapes-page.tsx';
import { t } from '../texts/texts.ts';
import { TokensPage } from '../tokens/tokens-page.tsx';
import { Loading } from '../ui/states.tsx';
import { Page } from '../ui/page.tsx';
import { UserPage } from '../users/user-page.tsx';
import { UsersPage } from '../users/users-page.tsx';

/** The map's library is larger than all the rest. */
const MapPage = lazy(() => import('../map/map-page.tsx'));

/** Each page, alone and of one thing; undefined where it has no such things. */
const VIEWS: Record<PageName, { readonly all: () => ReactNode; readonly one?: (id: string) => ReactNode }> = {
  overview: { all: () => <OverviewPage /> },
  alerts: { all: () => <AlertsPage />, one: (id) => <AlertPage id={id} /> },
  devices: { all: () => <DevicesPage />, one: (id) => <DevicePage id={id} /> },
  mutations: { all: () => <MutationsPage />, one: (id) => <MutationPage id={id} /> },
  shapes: { all: () => <ShapesPage />, one: (name) => <ShapePage name={name} /> },
  replication: { all: () => <ReplicationPage /> },
  feeds: { all: () => <FeedsPage /> },
  jobs: { all: () => <JobsPage />, one: (id) => <RunPage id={id} /> },
  models: { all: () => <ModelsPage />, one: (id) => <ModelPage id={id} /> },
  map: {
    all: () => (
      <Suspense fallback={<Loading />}>
        <MapPage />
      </Suspense>
    ),
  },
  users: { all: () => <UsersPage />, one: (id) => <UserPage id={id} /> },
  tokens: { all: () => <TokensPage /> },
  audit: { all: () => <AuditPage /> },
};

/** The page that a place names. */
export function PageAt({ place: { page, id } }: { place: Place }) {
  if (page === undefined) return <NoPage />;
  const { all, one } = VIEWS[page];
  if (id === undefined) return all();
  return one === undefined ? <NoPage /> : one(id);
}

function NoPage() {
  return (
    <Page title={t.notFound} lead={t.notFoundLead}>
      <p>
        <Link href={pathOf('overview')}>{t.toOverview}</Link>
      </p>
    </Page>
  );
}
