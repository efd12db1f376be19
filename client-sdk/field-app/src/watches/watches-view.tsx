import { useState } from 'react';
import type { OutboxEntry } from '@halo/client';
import { useHalo, useLive, useOutbox, useStatus } from '@halo/client/react';
import { useAttempt } from '../incidents/use-attempt.ts';
import { QueuedNote } from '../incidents/queued-note.tsx';
import { NoReplica } from '../incidents/no-replica.tsx';
import { entryWords } from '../queue/entry-words.ts';
import { RefusedEntry } from '../queue/refused-entry.tsx';
import { distance } from '../texts/format.ts';
import { errorText, t } from '../texts/texts.ts';
import { Icon } from '../ui/icon.tsx';
import { Skeletons } from '../ui/skeletons.tsx';
import { wayBack } from '../ui/way-back.ts';
import { NoticesSwitch } from './notices-switch.tsx';
import { MAX_WATCHES, NEW_WATCH, WATCHES_SQL, rejectedWatches, thresholdName } from './watch.ts';
import type { WatchRow, WatchStart } from './watch.ts';
import { useFetchWatched, useForecastsAt } from './use-watched-counties.ts';
import type { CountyForecasts } from './use-watched-counties.ts';
import { WatchSheet } from './watch-sheet.tsx';

const words = t.watches;

/** The places that a person watches. */
export function WatchesView() {
  const { replica } = useStatus();
  const watches = useLive<WatchRow>(WATCHES_SQL);
  const rejected = rejectedWatches(useOutbox());
  const [sheet, setSheet] = useState<WatchStart>();
  useFetchWatched(sheet !== undefined);
  const forecastsAt = useForecastsAt();
  if (replica.state === 'unavailable') return <NoReplica />;
  const isFull = (watches?.length ?? 0) >= MAX_WATCHES;
  return (
    <section className="page">
      <h1>{words.title}</h1>
      <p className="lead">{words.lead}</p>
      <NoticesSwitch />
      {watches === undefined && <Skeletons rows={2} />}
      {watches?.length === 0 && (
        <div className="empty">
          <h2>{words.none}</h2>
          <p>{words.noneLead}</p>
        </div>
      )}
      <ul className="cards">
        {watches?.map((watch) => (
          <li key={watch.id}>
            <Watch watch={watch} forecasts={forecastsAt(watch)} onEdit={setSheet} />
          </li>
        ))}
        {rejected.map((entry) => (
          <li key={entry.id}>
            <RejectedWatch entry={entry} />
          </li>
        ))}
      </ul>
      {isFull && <p className="field-hint">{words.limit}</p>}
      <button
        type="button"
        className="button button-main"
        disabled={watches === undefined || isFull}
        onClick={() => setSheet(NEW_WATCH)}
      >
        <Icon name="plus" /> {words.add}
      </button>
      {sheet !== undefined && <WatchSheet start={sheet} onClose={() => setSheet(undefined)} />}
    </section>
  );
}

function Watch({
  watch,
  forecasts,
  onEdit,
}: {
  watch: WatchRow;
  forecasts: CountyForecasts | undefined;
  onEdit: (start: WatchStart) => void;
}) {
  const halo = useHalo();
  const [sure, setSure] = useState(false);
  const { attempt, error } = useAttempt();
  const { id, name, lat, lon, radius_m, threshold, sync_state } = watch;
  const remove = async () => {
    const goBack = wayBack();
    if (await attempt(() => halo.removeWatch(id))) goBack();
  };
  const edit = () =>
    onEdit({ form: `watch ${id}`, watchId: id, name, place: { lat, lon }, radiusM: radius_m, threshold });
  return (
    <article className="card card-still" data-watch={id}>
      <span className="watch-mark">
        <Icon name="pin" />
      </span>
      <div className="card-main">
        <h2 className="card-title">{name}</h2>
        <p className="card-place">
          {`${words.within(distance(radius_m))} · ${words.thresholds[thresholdName(threshold)]}`}
        </p>
        {/* Where no notice of a forecast can come, since the device has none of a spot in the county. */}
        {forecasts !== undefined && forecasts.has !== 'kept' && (
          <p className="card-place">{words.forecasts[forecasts.has](forecasts.county)}</p>
        )}
        {sync_state === 'queued' && <QueuedNote />}
        <div className="report-actions">
          <button type="button" className="button button-small" onClick={edit}>
            {words.edit}
          </button>
          <button
            type="button"
            className={sure ? 'button button-small button-danger' : 'button button-small button-quiet'}
            onClick={() => (sure ? void remove() : setSure(true))}
          >
            {sure ? words.removeSure : words.remove}
          </button>
        </div>
        {error !== undefined && (
          <p className="field-error" role="alert">
            {errorText(error.code, error.message)}
          </p>
        )}
      </div>
    </article>
  );
}

function RejectedWatch({ entry }: { entry: OutboxEntry }) {
  const { title, detail } = entryWords(entry, () => undefined);
  return (
    <article className="card card-still watch-rejected" data-entry={entry.id}>
      <div className="card-main">
        <h2 className="card-title">{detail ?? title}</h2>
        <p className="report-state report-state-rejected">
          <Icon name="alert" size={18} /> {t.queue.rejected}
        </p>
        <RefusedEntry entry={entry} />
      </div>
    </article>
  );
}
