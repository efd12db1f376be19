import type { ShapePosition } from '@halo/shapes/protocol/inspector-devices.ts';
import { bytes, count } from '../texts/format.ts';
import { t, wordFor } from '../texts/texts.ts';
import { Link } from '../routing/navigation.tsx';
import { pathOf } from '../routing/routes.ts';
import { Chip } from '../ui/chip.tsx';
import { Section } from '../ui/page.tsx';
import { Empty } from '../ui/states.tsx';
import { Table } from '../ui/table.tsx';
import type { Column } from '../ui/table.tsx';

/** How far behind the head a position is, in words. */
function behindText({ behindBytes, behindTransactions, behindSeconds }: ShapePosition): string {
  if (behindBytes === null) return t.device.unknown;
  if (behindSeconds === 0 || behindBytes === 0) return t.device.head;
  const transactions = behindTransactions === null ? '' : ` · ${count(behindTransactions)} tx`;
  const since = behindSeconds === null ? '' : ` · ${t.replication.lagFor(behindSeconds)}`;
  return `${bytes(behindBytes)}${transactions}${since}`;
}

const COLUMNS: readonly Column<ShapePosition>[] = [
  {
    key: 'shape',
    head: t.device.shape,
    cell: ({ shape, name }) => (
      <Link href={pathOf('shapes', name)}>
        <code>{shape}</code>
      </Link>
    ),
  },
  {
    key: 'phase',
    head: t.device.phase,
    cell: ({ phase }) => (
      <Chip tone={phase === 'live' ? 'good' : 'warn'}>{wordFor(t.device.phases, phase)}</Chip>
    ),
  },
  { key: 'behind', head: t.device.behind, cell: behindText },
  { key: 'offset', head: t.device.position, cell: ({ offset }) => <code>{offset}</code> },
  {
    key: 'asked',
    head: t.device.asked,
    cell: ({ askedSecondsAgo }) => <span className="nowrap">{t.replication.ago(askedSecondsAgo)}</span>,
  },
  {
    key: 'moved',
    head: t.device.moved,
    cell: ({ movedSecondsAgo }) => <span className="nowrap">{t.replication.ago(movedSecondsAgo)}</span>,
  },
];

/** Where the device stands in each shape, against the head. */
export function PositionsSection({ shapes }: { shapes: readonly ShapePosition[] }) {
  return (
    <Section title={t.device.shapes} lead={t.device.shapesLead}>
      {shapes.length === 0 ? (
        <Empty title={t.device.noShapes} />
      ) : (
        <Table label={t.device.shapes} columns={COLUMNS} rows={shapes} keyOf={({ shape }) => shape} />
      )}
    </Section>
  );
}
