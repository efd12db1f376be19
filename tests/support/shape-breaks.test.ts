import { describe, expect, it } from 'vitest';
import { CATALOG } from '@halo/shapes/catalog/catalog.ts';
import { column } from '@halo/shapes/catalog/shape.ts';
import { outlinesOf, shapeBreaks } from './shape-breaks.ts';
import type { ShapeOutline } from './shape-breaks.ts';

const before: ShapeOutline = {
  name: 'things',
  columns: [column('id', 'uuid'), column('size', 'int4'), column('note', 'text', 'null')],
  key: ['id'],
  params: ['region'],
};
const [id, size, note] = before.columns;
const after = (changes: Partial<ShapeOutline>) => shapeBreaks([before], [{ ...before, ...changes }]);

describe('what breaks a shape for the version before', () => {
  it('is nothing where it is the same, has a column more that may be null, or one less that could be', () => {
    expect(shapeBreaks(outlinesOf(CATALOG.values()), outlinesOf(CATALOG.values()))).toEqual([]);
    expect(after({ columns: [...before.columns, column('more', 'text', 'null')] })).toEqual([]);
    expect(after({ columns: [id!, size!] })).toEqual([]);
    expect(shapeBreaks([], [before])).toEqual([]);
  });

  it('is whatever a replica cannot store, or a request cannot ask for', () => {
    expect(shapeBreaks([before], [])).toEqual(['things is gone']);
    for (const columns of [
      [id!, note!],
      [...before.columns, column('more', 'text')],
      [id!, column('size', 'int8'), note!],
      [id!, column('size', 'int4', 'null'), note!],
      [id!, size!, column('note', 'text')],
    ])
      expect(after({ columns })).toHaveLength(1);
    expect(after({ key: ['id', 'size'] })).toEqual(['things has another key']);
    expect(after({ params: [] })).toEqual(['things has other parameters']);
    expect(after({ params: ['region', 'town'] })).toEqual(['things has other parameters']);
  });
});
