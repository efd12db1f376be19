import { useMemo } from 'react';
import { StackedBars } from '../charts/stacked-bars.tsx';
import { useShape } from '../sync/use-shape.ts';
import { t } from '../texts/texts.ts';
import { useNow } from '../ui/use-now.ts';
import { Section } from '../ui/page.tsx';
import { Empty, ShowShape } from '../ui/states.tsx';
import { HOUR_MS, countByHour, lastHours } from './by-hour.ts';

const words = t.overview.charts;

/** When the devices that are silent now were last heard: a step is the hour in which something happened to many. */
export function SilenceChart() {
  const followed = useShape('devices');
  const nowMs = useNow();
  const newestHour = Math.floor(nowMs / HOUR_MS);
  const hours = useMemo(() => lastHours(newestHour * HOUR_MS), [newestHour]);
  const counts = useMemo(() => {
    const silent = followed.rows.map((row) => row['silent_since'] as number | null);
    return countByHour(
      silent.filter((at) => at !== null),
      hours,
    );
  }, [followed.rows, hours]);
  const sum = counts.reduce((all, n) => all + n, 0);
  return (
    <Section title={words.silent} lead={words.silentLead}>
      <ShowShape of={followed}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title={t.overview.noDevices} />
          ) : (
            <StackedBars
              title={words.silent}
              timesMs={hours}
              stepMs={HOUR_MS}
              stacks={[{ name: words.devices, colour: 4, values: counts }]}
              summary={words.silentSummary(sum)}
            />
          )
        }
      </ShowShape>
    </Section>
  );
}
