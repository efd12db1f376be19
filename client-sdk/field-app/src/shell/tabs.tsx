import { useStatus } from '@halo/client/react';
import { t } from '../texts/texts.ts';
import { Icon } from '../ui/icon.tsx';
import type { IconName } from '../ui/icon.tsx';
import { hashOf } from './route.ts';
import type { Route } from './route.ts';

const TABS: readonly { route: Route; name: string; icon: IconName }[] = [
  { route: 'incidents', name: t.incidents, icon: 'list' },
  { route: 'map', name: t.map, icon: 'map' },
  { route: 'report', name: t.report, icon: 'plus' },
  { route: 'places', name: t.watches.tab, icon: 'pin' },
  { route: 'mine', name: t.mineTab, icon: 'inbox' },
];

/** The count beside the icon is at most this, so that it leaves the icon in sight. */
const MAX_COUNTED = 99;

/** The tab that a view belongs to. */
function tabOf(route: Route): Route {
  if (route === 'quality') return 'map';
  return route === 'amend' || route === 'queue' ? 'mine' : route;
}

/** The ways to go, also to where one is already: at the thumb on a phone, at the side on a wide screen. */
export function Tabs({ current, onPress }: { current: Route; onPress: (route: Route) => void }) {
  const { outbox } = useStatus();
  const waiting = outbox.pending + outbox.rejected;
  return (
    <nav className="tabs" aria-label={t.navigation}>
      {TABS.map(({ route, name, icon }) => (
        <a
          key={route}
          href={hashOf(route)}
          className={`tab tab-${route}`}
          onClick={() => onPress(route)}
          aria-current={route === tabOf(current) ? 'page' : undefined}
        >
          <span className="tab-icon">
            <Icon name={icon} />
            {route === 'mine' && waiting > 0 && (
              <span className={outbox.rejected > 0 ? 'tab-count tab-count-alert' : 'tab-count'}>
                {waiting > MAX_COUNTED ? `${MAX_COUNTED}+` : waiting}
              </span>
            )}
          </span>
          <span className="tab-name">{name}</span>
        </a>
      ))}
    </nav>
  );
}
