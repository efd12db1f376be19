import { deviceRowsSchema } from '@halo/shapes/protocol/inspector-devices.ts';
import type { DeviceRows } from '@halo/shapes/protocol/inspector-devices.ts';
import { INSPECTOR_PREFIX } from '@halo/shapes/protocol/inspector.ts';
import { useChoice } from '../routing/navigation.tsx';
import { useApi } from '../session/use-api.ts';
import { withCursor } from '../session/use-pages.ts';
import { t } from '../texts/texts.ts';
import { SelectFilter } from '../ui/filters.tsx';
import { Section } from '../ui/page.tsx';
import { Empty, Show } from '../ui/states.tsx';
import { Table } from '../ui/table.tsx';

const ROWS = 25;

/** What the device should hold of a shape now, as the server has it for this person. */
export function RowsSection({ id, shapes }: { id: string; shapes: readonly string[] }) {
  const [chosen, setChosen] = useChoice('rows');
  const [cursor, setCursor] = useChoice('rowsAfter');
  const base = `${INSPECTOR_PREFIX}/devices/${encodeURIComponent(id)}/rows`;
  const path =
    chosen === undefined
      ? undefined
      : withCursor(`${base}?shape=${encodeURIComponent(chosen)}`, cursor ?? null, ROWS);
  const loaded = useApi(path, deviceRowsSchema);
  return (
    <Section title={t.device.rows} lead={t.device.rowsLead}>
      <div className="filters">
        <SelectFilter
          label={t.device.chooseShape}
          value={chosen}
          options={shapes.map((shape) => ({ value: shape, label: shape }))}
          none={t.none}
          wide
          onChange={(shape) => {
            setCursor(undefined);
            setChosen(shape);
          }}
        />
      </div>
      {chosen !== undefined && (
        <Show of={loaded}>
          {(rows) => (
            <RowsTable
              rows={rows}
              onFirst={cursor === undefined ? undefined : () => setCursor(undefined)}
              onNext={setCursor}
            />
          )}
        </Show>
      )}
    </Section>
  );
}

function RowsTable({
  rows: { rows, columns, total, redacted, nextCursor, shape },
  onFirst,
  onNext,
}: {
  rows: DeviceRows;
  /** Back to the first page; undefined there. */
  onFirst: (() => void) | undefined;
  onNext: (cursor: string) => void;
}) {
  if (rows.length === 0) return <Empty title={t.device.noRows} />;
  const numbered = rows.map((values, n) => ({ values, n }));
  return (
    <>
      <p className="muted">
        {total === null ? t.device.rowsMany : t.device.rowsTotal(total)}
        {redacted && `. ${t.device.redacted}`}
      </p>
      <Table
        label={shape}
        columns={columns.map(({ name }, at) => ({
          key: name,
          head: name,
          cell: ({ values }: (typeof numbered)[number]) => {
            const value = values[at] ?? null;
            if (value === null) return <span className="none">NULL</span>;
            return (
              <code className="value" title={value}>
                {value}
              </code>
            );
          },
        }))}
        rows={numbered}
        keyOf={({ n }) => String(n)}
      />
      <div className="dialog-actions">
        {onFirst !== undefined && (
          <button type="button" className="button" onClick={onFirst}>
            {t.device.firstRows}
          </button>
        )}
        {nextCursor !== null && (
          <button type="button" className="button" onClick={() => onNext(nextCursor)}>
            {t.device.nextRows}
          </button>
        )}
      </div>
    </>
  );
}
