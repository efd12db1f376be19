import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import type { Caller } from '../auth/identity.ts';
import { HaloError } from '../platform/errors.ts';
import type { ReplicaMode, ShapeSource } from '../shape-engine/shape-engine.ts';

/**
 * What a caller may follow under a shape's name. The condition is the catalogue's; a client chooses values for
 * the declared parameters and nothing else, so that he can only narrow (invariant 8).
 */
export function sourceOf(
  definition: ShapeDefinition,
  params: Readonly<Record<string, string>>,
  replica: ReplicaMode,
  caller: Caller,
): ShapeSource {
  if (!definition.readers.includes(caller.role)) {
    throw new HaloError('forbidden', 'Your role may not read this shape.', { status: 403 });
  }
  const values = checkParams(definition, params);
  return {
    schema: 'public',
    table: definition.table,
    columns: definition.columns.map((column) => column.name),
    where: definition.where,
    params: definition.values.map((value) => ('caller' in value ? caller.userId : values.get(value.param)!)),
    replica,
  };
}

function checkParams(
  definition: ShapeDefinition,
  given: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  const declared = Object.entries(definition.params);
  for (const name of Object.keys(given)) {
    if (!declared.some(([each]) => each === name)) {
      throw new HaloError('unknown_parameter', `Shape ${definition.name} has no parameter ${name}.`, {
        status: 400,
        field: name,
      });
    }
  }
  return new Map(
    declared.map(([name, schema]) => {
      const result = schema.safeParse(given[name]);
      if (result.success) return [name, result.data];
      throw new HaloError('invalid_parameter', result.error.issues[0]?.message ?? 'The value is not valid.', {
        status: 400,
        field: name,
      });
    }),
  );
}
