import { t } from '../texts/texts.ts';
import { Sheet } from '../ui/sheet.tsx';
import { IncidentDetails } from './incident-details.tsx';
import { IncidentList } from './incident-list.tsx';
import { useIncidentsById } from './use-incidents.ts';

/** The details of one incident, or the choice between several at one place. */
export function Selected({
  ids,
  onSelect,
  onClose,
  onShowOnMap,
}: {
  ids: readonly string[];
  onSelect: (id: string) => void;
  onClose: () => void;
  onShowOnMap: ((id: string) => void) | undefined;
}) {
  const incidents = useIncidentsById(ids);
  const [id] = ids;
  if (id === undefined || incidents === undefined) return null;
  if (ids.length > 1) {
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
