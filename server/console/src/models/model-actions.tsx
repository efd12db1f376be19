import { useState } from 'react';
import { useParts } from '../session/session-context.tsx';
import { send } from '../session/use-api.ts';
import { t } from '../texts/texts.ts';
import { Confirmed } from '../ui/dialog.tsx';
import type { ModelDetail } from './model-row.ts';

/** What an operator may do about a model: each is asked again, since it changes what people are shown. */
export function ModelActions({ model, onDone }: { model: ModelDetail; onDone: () => void }) {
  const { session } = useParts();
  const [open, setOpen] = useState<'pin' | 'unpin' | 'roll-back'>();
  const { id, placeKind, category, series, kind, hasArtefact } = model;
  const path = `/api/v1/admin/series/${placeKind}/${category}`;
  const post = (to: string) => async () => {
    await send(session, 'POST', to);
    onDone();
  };
  const isOpen = (name: typeof open) => ({
    open: open === name,
    onOpen: (opened: boolean) => setOpen(opened ? name : undefined),
  });
  const speaks = series.modelId === id;
  return (
    <>
      {!(speaks && series.pinned) && (
        <Confirmed
          label={t.models.pin}
          title={t.models.pinTitle}
          lead={hasArtefact || kind === 'baseline' ? t.models.pinBody : t.models.noArtefact}
          yes={t.models.pin}
          disabled={!hasArtefact && kind !== 'baseline'}
          action={post(`/api/v1/admin/models/${id}/pin`)}
          {...isOpen('pin')}
        />
      )}
      {series.pinned && (
        <Confirmed
          label={t.models.unpin}
          title={t.models.unpinTitle}
          lead={t.models.unpinBody}
          yes={t.models.unpin}
          action={post(`${path}/unpin`)}
          {...isOpen('unpin')}
        />
      )}
      {speaks && (
        <Confirmed
          label={t.models.rollBack}
          title={t.models.rollBackTitle}
          lead={t.models.rollBackBody}
          yes={t.models.rollBack}
          danger
          action={post(`${path}/roll-back`)}
          {...isOpen('roll-back')}
        />
      )}
    </>
  );
}
