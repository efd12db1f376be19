import { useState } from 'react';
import { ReportForm } from './report-form.tsx';
import { ReportSaved } from './report-saved.tsx';

/** The form, and after it the word that the report is safe. */
export function ReportView() {
  const [savedId, setSavedId] = useState<string>();
  if (savedId === undefined) return <ReportForm onSaved={setSavedId} />;
  return <ReportSaved id={savedId} onAnother={() => setSavedId(undefined)} />;
}
