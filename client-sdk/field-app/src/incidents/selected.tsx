import { useMemo } from 'react';
import { t } from '../texts/texts.ts';
import { Sheet } from '../ui/sheet.tsx';
import { useHeld } from '../ui/use-held.ts';
import { IncidentDetails } from './incident-details.tsx';
import { IncidentList } from './incident-list.tsx';
import { useIncidentsById } from './use-incidents.ts';

interface SelectedProps {
  readonly ids: readonly string[];
  readonly onSelect: (id: string) => void;
  readonly onClose: () => void;
  readonly onShowOnMap: ((id: string) => void) | undefined;
}

/** The details of one incident, or the choice between several at one place. */
export function Selected(props: SelectedProps) {
  // What is held is forgotten when nothing is selected any more.
  return props.ids.length === 0 ? null : <SelectedSheet {...props} />;
}

function SelectedSheet({ ids, onSelect, onClose, onShowOnMap }: SelectedProps) {
  const answer = useIncidentsById(ids);
  const answered = useMemo(() => answer && { incidents: answer, among: ids.length }, [answer, ids.length]);
  // From several to one of them there is always a sheet, and the keyboard in it.
  const shown = useHeld(answered);
  if (shown === undefined) return null;
  const { incidents, among } = shown;
  if (among > 1) {
    return (
      <Sheet title={t.incidentCount(incidents.length)} onClose={onClose}>
        <IncidentList incidents={incidents} onSelect={onSelect} />
      </Sheet>
    );
  }
  const [incident] = incidents;
  if (incident === undefined) {
    return (
      <Sheet title={t.incidents} onClose={onClose}>
        <p>{t.incidentsView.gone}</p>
      </Sheet>
    );
  }
  return (
    <IncidentDetails
      key={incident.id}
      incident={incident}
      onClose={onClose}
      onSelect={onSelect}
      onShowOnMap={onShowOnMap && (() => onShowOnMap(incident.id))}
    />
  );
}
