/** How values of a type are compared; types of one family can be compared with each other. */
export type Family = 'integer' | 'float' | 'text' | 'uuid' | 'boolean' | 'timestamptz' | 'enum';

/** A type that conditions can be evaluated on exactly. */
export interface ScalarType {
  readonly family: Family;
  /** Name for SQL: quoted and schema-qualified where it is not built in. */
  readonly sqlName: string;
  /** Bits of an integer type. */
  readonly bits?: 16 | 32 | 64;
  /** Labels of an enumeration. */
  readonly labels?: readonly string[];
  /** Only text in the "C" collation has an order that is the same everywhere. */
  readonly ordered: boolean;
}

/** Built-in types by their name in `pg_catalog`; text is handled apart, since it depends on its collation. */
const BUILT_IN: Readonly<Record<string, ScalarType>> = {
  int2: { family: 'integer', sqlName: 'int2', bits: 16, ordered: true },
  int4: { family: 'integer', sqlName: 'int4', bits: 32, ordered: true },
  int8: { family: 'integer', sqlName: 'int8', bits: 64, ordered: true },
  float8: { family: 'float', sqlName: 'float8', ordered: true },
  uuid: { family: 'uuid', sqlName: 'uuid', ordered: true },
  bool: { family: 'boolean', sqlName: 'bool', ordered: true },
  timestamptz: { family: 'timestamptz', sqlName: 'timestamptz', ordered: true },
};

/** The type called `name` in `pg_catalog`; undefined when conditions cannot be evaluated on it. */
export function builtInType(name: string): ScalarType | undefined {
  if (name === 'text' || name === 'varchar') return { family: 'text', sqlName: 'text', ordered: false };
  return Object.hasOwn(BUILT_IN, name) ? BUILT_IN[name] : undefined;
}
