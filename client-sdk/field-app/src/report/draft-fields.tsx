import { severityName, t } from '../texts/texts.ts';
import { Segmented } from '../ui/segmented.tsx';
import { PositionField } from './position-field.tsx';
import type { DraftErrors, DraftField, DraftPosition, ReportDraft } from './report-draft.ts';
import { DescriptionField, TypeField } from './report-fields.tsx';
import { WhenField } from './when-field.tsx';

const SEVERITIES = [1, 2, 3, 4, 5].map((value) => ({
  value,
  className: `segment-severity segment-severity-${value}`,
  label: (
    <>
      <span className="segment-number">{value}</span>
      <span className="segment-name">{severityName(value)}</span>
    </>
  ),
}));

/** The fields of a report, new or to be changed. */
export function DraftFields({
  draft,
  errors,
  measured,
  onEdit,
}: {
  draft: ReportDraft;
  errors: DraftErrors;
  /** Where the device is, as it goes on, for a report whose place was not chosen. */
  measured?: DraftPosition | undefined;
  onEdit: (field: DraftField, changes: Partial<ReportDraft>) => void;
}) {
  return (
    <>
      <TypeField value={draft.type} error={errors.type} onChange={(type) => onEdit('type', { type })} />
      <Segmented
        id="field-severity"
        className="severity-field"
        legend={t.severity}
        segments={SEVERITIES}
        value={draft.severity}
        error={errors.severity}
        errorId="error-severity"
        onChange={(severity) => onEdit('severity', { severity })}
      />
      <PositionField
        value={draft.position}
        measured={measured}
        error={errors.position}
        onChange={(position) => onEdit('position', { position })}
      />
      <WhenField draft={draft} error={errors.when} onChange={(when) => onEdit('when', when)} />
      <DescriptionField
        value={draft.description}
        error={errors.description}
        onChange={(description) => onEdit('description', { description })}
      />
    </>
  );
}

/** The keyboard goes to where something is to be mended. */
export function focusField(form: HTMLFormElement | null, field: DraftField): void {
  const element = form?.querySelector<HTMLElement>(`#field-${field}`);
  element?.focus({ preventScroll: true });
  element?.scrollIntoView({ block: 'center' });
}

/** How much is wrong, in words. */
export function errorSummary(errors: DraftErrors): string | undefined {
  const count = Object.keys(errors).length;
  return count === 0 ? undefined : t.fixErrors(count);
}
