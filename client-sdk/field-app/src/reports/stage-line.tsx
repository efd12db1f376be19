import { t } from '../texts/texts.ts';
import { Icon } from '../ui/icon.tsx';
import type { IconName } from '../ui/icon.tsx';
import type { ReportItem, ReportStage } from './report-item.ts';

const ICONS: Readonly<Record<ReportStage, IconName>> = {
  queued: 'clock',
  delivered: 'check',
  linked: 'check',
  corroborated: 'check',
  verified: 'shield',
  disputed: 'alert',
  dismissed: 'close',
  rejected: 'alert',
  withdrawn: 'close',
};

/** How far a report has come, and what of it is still under way. */
export function StageLine({ item }: { item: ReportItem }) {
  const { stage, others, changes } = item;
  const refused = changes.some(({ state }) => state === 'rejected');
  const waits = changes.filter(({ state }) => state === 'pending');
  const withdraws = waits.some(({ type }) => type === 'report.withdraw');
  return (
    <>
      <p className={`report-state report-state-${stage}`}>
        <Icon name={ICONS[stage]} size={18} /> {t.life.stages[stage]}
      </p>
      {others !== undefined && others > 0 && stage !== 'withdrawn' && (
        <p className="report-note">{t.life.others(others)}</p>
      )}
      {refused && (
        <p className="report-state report-state-rejected">
          <Icon name="alert" size={18} /> {t.life.changeRefused}
        </p>
      )}
      {waits.length > 0 && (
        <p className="report-state report-state-queued">
          <Icon name="clock" size={18} /> {withdraws ? t.life.withdrawWaits : t.life.amendWaits}
        </p>
      )}
    </>
  );
}
