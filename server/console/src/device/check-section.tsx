import { useState } from 'react';
import type { DeviceCheck } from '@halo/shapes/protocol/inspector-devices.ts';
import { INSPECTOR_PREFIX } from '@halo/shapes/protocol/inspector.ts';
import { useParts } from '../session/session-context.tsx';
import { send } from '../session/use-api.ts';
import { count } from '../texts/format.ts';
import { t, wordFor } from '../texts/texts.ts';
import { Age } from '../ui/age.tsx';
import { Chip } from '../ui/chip.tsx';
import type { Tone } from '../ui/chip.tsx';
import { Confirmed } from '../ui/dialog.tsx';
import { Section } from '../ui/page.tsx';
import { Table } from '../ui/table.tsx';
import type { Column } from '../ui/table.tsx';

type Checked = NonNullable<DeviceCheck['answer']>['shapes'][number];

const TONES: Readonly<Record<Checked['outcome'], Tone>> = {
  equal: 'good',
  different: 'bad',
  not_compared: 'idle',
};
const rows = (value: number | null) => (value === null ? '–' : count(value));

const COLUMNS: readonly Column<Checked>[] = [
  { key: 'shape', head: t.device.shape, cell: ({ shape }) => <code>{shape}</code> },
  {
    key: 'outcome',
    head: t.device.outcome,
    cell: ({ outcome, errorCode, rebuilt }) => (
      <>
        <Chip tone={TONES[outcome]}>{wordFor(t.device.outcomes, outcome)}</Chip>{' '}
        <span className="muted">{errorCode ?? (rebuilt ? t.device.rebuilt : '')}</span>
      </>
    ),
  },
  { key: 'device', head: t.device.deviceRows, numeric: true, cell: ({ deviceRows }) => rows(deviceRows) },
  { key: 'server', head: t.device.serverRows, numeric: true, cell: ({ serverRows }) => rows(serverRows) },
];

/** Asks the device whether its replica is right, and shows what it answered. */
export function CheckSection({
  id,
  last,
  onAsked,
}: {
  id: string;
  last: DeviceCheck | null;
  onAsked: () => void;
}) {
  const { session } = useParts();
  const [isOpen, setOpen] = useState(false);
  const ask = async () => {
    await send(session, 'POST', `${INSPECTOR_PREFIX}/devices/${encodeURIComponent(id)}/checks`);
    onAsked();
  };
  return (
    <Section
      title={t.device.check}
      lead={t.device.checkLead}
      actions={
        <Confirmed
          label={t.device.askCheck}
          title={t.device.askTitle}
          lead={t.device.askBody}
          yes={t.device.askCheck}
          open={isOpen}
          onOpen={setOpen}
          action={ask}
        />
      }
    >
      {last === null ? <p className="muted">{t.device.neverChecked}</p> : <Answer check={last} />}
    </Section>
  );
}

function Answer({ check: { state, askedAt, answeredAt, right, answer } }: { check: DeviceCheck }) {
  if (answer === null) {
    return (
      <p role="status">
        <Chip tone={state === 'expired' ? 'warn' : 'accent'}>{wordFor(t.device.checkStates, state)}</Chip>{' '}
        <Age at={askedAt} />
      </p>
    );
  }
  const words = right === null ? t.device.nothingCompared : right ? t.device.right : t.device.wrong;
  return (
    <>
      <p role="status">
        <Chip tone={right === null ? 'idle' : right ? 'good' : 'bad'}>{words}</Chip> <Age at={answeredAt} />{' '}
        {answer.errorCode !== null && <code>{answer.errorCode}</code>}
      </p>
      {answer.shapes.length > 0 && (
        <Table label={t.device.check} columns={COLUMNS} rows={answer.shapes} keyOf={({ shape }) => shape} />
      )}
    </>
  );
}
