import { useState } from 'react';
import type { Queued } from '@halo/client';
import { goTo, useRouteParam } from '../shell/route.ts';
import { REPORT_FORM } from './report-draft.ts';
import { ReportForm } from './report-form.tsx';
import { ReportSaved } from './report-saved.tsx';

/** The form, and after it the word that the report is safe. */
export function ReportView() {
  const form = useRouteParam('form') ?? REPORT_FORM;
  const [saved, setSaved] = useState<Queued>();
  if (saved === undefined) return <ReportForm key={form} name={form} onSaved={setSaved} />;
  const another = () => {
    setSaved(undefined);
    goTo('report');
  };
  return <ReportSaved saved={saved} onAnother={another} />;
}
