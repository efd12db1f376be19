import { useCallback, useState } from 'react';
import { useAppParts } from '../device/session-context.tsx';
import { EMPTY_DRAFT, isEmptyDraft, readDraft } from './report-draft.ts';
import type { ReportDraft } from './report-draft.ts';

/** What is being typed; kept across views, reloads and updates until it is sent or cleared. */
export function useDraft(): readonly [ReportDraft, (changes: Partial<ReportDraft>) => void, () => void] {
  const { preferences } = useAppParts();
  const [draft, setDraft] = useState(() => readDraft(preferences.draft()));
  const change = useCallback(
    (changes: Partial<ReportDraft>) =>
      setDraft((before) => {
        const next = { ...before, ...changes };
        preferences.setDraft(isEmptyDraft(next) ? undefined : JSON.stringify(next));
        return next;
      }),
    [preferences],
  );
  const clear = useCallback(() => {
    preferences.setDraft(undefined);
    setDraft(EMPTY_DRAFT);
  }, [preferences]);
  return [draft, change, clear];
}
