import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';

/** What the devices and servers of another version must agree upon about a shape. */
export interface ShapeOutline extends Pick<ShapeDefinition, 'name' | 'columns' | 'key'> {
  /** Names of its parameters. */
  readonly params: readonly string[];
}

/** The outline of each shape; as JSON can carry it. */
export function outlinesOf(shapes: Iterable<ShapeDefinition>): ShapeOutline[] {
  return [...shapes].map(({ name, columns, key, params }) => ({
    name,
    columns,
    key,
    params: Object.keys(params),
  }));
}

/**
 * What of `after` a device or server that has `before` cannot live with, in a sentence each. A device stores the columns that it knows,
 * those that are missing as null, and refuses a shape whose rows do not fit its tables.
 */
export function shapeBreaks(before: readonly ShapeOutline[], after: readonly ShapeOutline[]): string[] {
  return before.flatMap((old) => {
    const now = after.find(({ name }) => name === old.name);
    if (now === undefined) return [`${old.name} is gone`];
    const breaks = columnBreaks(old, now);
    if (now.key.join() !== old.key.join()) breaks.push(`${old.name} has another key`);
    if (now.params.toSorted().join() !== old.params.toSorted().join())
      breaks.push(`${old.name} has other parameters`);
    return breaks;
  });
}

function columnBreaks(old: ShapeOutline, now: ShapeOutline): string[] {
  const kept = old.columns.flatMap((column) => {
    const name = `${old.name}.${column.name}`;
    const same = now.columns.find((other) => other.name === column.name);
    if (same === undefined) return column.nullable ? [] : [`${name} is gone, and devices of before need it`];
    if (same.type !== column.type) return [`${name} was ${column.type} and is ${same.type}`];
    return same.nullable === column.nullable ? [] : [`${name} was nullable, or is now, and not both`];
  });
  const added = now.columns.filter(
    ({ name, nullable }) => !nullable && !old.columns.some((column) => column.name === name),
  );
  return [
    ...kept,
    ...added.map(({ name }) => `${old.name}.${name} is new, not null, and servers of before send none`),
  ];
}
