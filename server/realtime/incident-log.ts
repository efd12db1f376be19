import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import type { ShapeEngine } from '../shape-engine/shape-engine.ts';
import { changesOf } from './incident-change.ts';
import type { IncidentChange } from './incident-change.ts';
import { ShapeLog } from './shape-log.ts';

export type IncidentLog = ShapeLog<IncidentChange>;

/** The log of all incidents that some shape of the catalogue may show, in its columns. */
export function incidentLog(engine: ShapeEngine, definition: ShapeDefinition): IncidentLog {
  const source = {
    schema: 'public',
    table: definition.table,
    columns: definition.columns.map((column) => column.name),
    // Every shape of it is of one region and of the present, so what is not is in nobody's.
    where: 'region IS NOT NULL AND NOT past',
    params: [],
    replica: 'full' as const,
  };
  return new ShapeLog(engine, source, changesOf);
}
