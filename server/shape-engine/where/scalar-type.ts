import { ASCII_CASING } from './casing.ts';
import type { Casing } from './casing.ts';

/** How values of a type are compared; types of one family can be compared with each other. */
export type Family =
  | 'integer'
  | 'numeric'
  | 'float'
  | 'text'
  | 'bpchar'
  | 'bytea'
  | 'jsonb'
  | 'uuid'
  | 'boolean'
  | 'timestamptz'
  | 'timestamp'
  | 'date'
  | 'time'
  | 'timetz'
  | 'interval'
  | 'enum'
  | 'array'
  | 'opaque';

/** What text compares and changes case by. */
export interface Collation {
  /** `default` is the database's own; any other wins over it, and two others cannot be compared. */
  readonly name: string;
  /** Whether texts sort by code point, which is the same everywhere. */
  readonly ordered: boolean;
  /** How case is changed; null where that is not exact. */
  readonly casing: Casing | null;
}

/** A type of values in conditions, and how Postgres treats it. */
export interface ScalarType {
  readonly family: Family;
  /** Name for SQL: quoted and schema-qualified where it is not built in. */
  readonly sqlName: string;
  /** Whether < and > mean the same here as in Postgres. */
  readonly ordered: boolean;
  /** Bits of an integer type; 32 of the shorter float. */
  readonly bits?: 16 | 32 | 64;
  /** What an array holds. */
  readonly element?: ScalarType;
  /** Labels of an enumeration, in its order. */
  readonly labels?: readonly string[];
  /** Of texts only. */
  readonly collation?: Collation;
}

/** The "C" collation. */
export const C_COLLATION: Collation = { name: 'C', ordered: true, casing: ASCII_CASING };
/** The database's own collation where nothing is known of it. */
const DEFAULT_COLLATION: Collation = { name: 'default', ordered: false, casing: null };

const plain = (family: Family, sqlName: string): ScalarType => ({ family, sqlName, ordered: true });

export const BOOLEAN = plain('boolean', 'bool');
export const INT2: ScalarType = { ...plain('integer', 'int2'), bits: 16 };
export const INT4: ScalarType = { ...plain('integer', 'int4'), bits: 32 };
export const INT8: ScalarType = { ...plain('integer', 'int8'), bits: 64 };
export const NUMERIC = plain('numeric', 'numeric');
export const FLOAT8 = plain('float', 'float8');
export const FLOAT4: ScalarType = { ...plain('float', 'float4'), bits: 32 };
export const DATE = plain('date', 'date');
export const TIMESTAMP = plain('timestamp', 'timestamp');
export const TIMESTAMPTZ = plain('timestamptz', 'timestamptz');
export const TIME = plain('time', 'time');
export const INTERVAL = plain('interval', 'interval');
export const TEXT = textType(DEFAULT_COLLATION);

/** Built-in types by their name in `pg_catalog`. */
const BUILT_IN: Readonly<Record<string, ScalarType>> = {
  bool: BOOLEAN,
  int2: INT2,
  int4: INT4,
  int8: INT8,
  numeric: NUMERIC,
  float8: FLOAT8,
  float4: FLOAT4,
  date: DATE,
  timestamp: TIMESTAMP,
  timestamptz: TIMESTAMPTZ,
  time: TIME,
  timetz: plain('timetz', 'timetz'),
  interval: INTERVAL,
  bytea: plain('bytea', 'bytea'),
  jsonb: { ...plain('jsonb', 'jsonb'), ordered: false },
  uuid: plain('uuid', 'uuid'),
  text: TEXT,
  varchar: TEXT,
  bpchar: textType(DEFAULT_COLLATION, 'bpchar'),
};

/** The type called `name` in `pg_catalog`; undefined when conditions cannot be evaluated on it. */
export function builtInType(name: string): ScalarType | undefined {
  return Object.hasOwn(BUILT_IN, name) ? BUILT_IN[name] : undefined;
}

/** Text under a collation; `bpchar` is `char(n)`, to which blanks at the end mean nothing. */
export function textType(collation: Collation, family: 'text' | 'bpchar' = 'text'): ScalarType {
  return { family, sqlName: family, ordered: collation.ordered, collation };
}

/** Arrays of a type, of any dimensions. */
export function arrayType(element: ScalarType): ScalarType {
  return { family: 'array', sqlName: `${element.sqlName}[]`, ordered: element.ordered, element };
}

/** A type of which nothing can be said but whether a value is NULL. */
export function opaqueType(sqlName: string): ScalarType {
  return { family: 'opaque', sqlName, ordered: false };
}

/** Whether Postgres counts the type among the numbers. */
export function isNumber(type: ScalarType): boolean {
  return type.family === 'integer' || type.family === 'numeric' || type.family === 'float';
}

/** Whether the type is `float4`. */
export function isSingle(type: ScalarType): boolean {
  return type.family === 'float' && type.bits === 32;
}

/** Whether the type's values lie on the calendar. */
export function isMoment(type: ScalarType): boolean {
  return type.family === 'date' || type.family === 'timestamp' || type.family === 'timestamptz';
}
