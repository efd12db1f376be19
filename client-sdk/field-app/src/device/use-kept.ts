import { useCallback, useState } from 'react';
import { z } from 'zod';
import { useAppParts } from './session-context.tsx';

/** What a form holds, and what can be done with it. */
export interface Kept<Value> {
  readonly value: Value;
  /** Changes it, from what it holds by then: a position may come long after it was asked for. */
  readonly change: (update: (before: Value) => Value) => void;
  /** Begins anew, and keeps nothing. */
  readonly forget: () => void;
  /** Whether it differs from what the form begins with. */
  readonly isBegun: boolean;
}

/**
 * What is being typed into a form; kept under `name` across views, reloads and updates until it is sent or forgotten.
 * One form has one name for as long as it is shown. What `schema` does not take is as good as nothing: an older version
 * of the app may have kept it.
 *
 * @param start what the form begins with; changing back to it keeps nothing.
 */
export function useKept<Value>(name: string, schema: z.ZodType<Value>, start: Value): Kept<Value> {
  const { preferences } = useAppParts();
  const [value, setValue] = useState(() => readKept(preferences.draft(name), schema) ?? start);
  const isBegun = !isSame(schema, value, start);
  const change = useCallback(
    (update: (before: Value) => Value) =>
      setValue((before) => {
        const next = update(before);
        preferences.setDraft(name, isSame(schema, next, start) ? undefined : JSON.stringify(next));
        return next;
      }),
    [preferences, name, schema, start],
  );
  const forget = useCallback(() => {
    preferences.setDraft(name, undefined);
    setValue(start);
  }, [preferences, name, start]);
  return { value, change, forget, isBegun };
}

const textSchema = z.string();

/** The same for a single text. */
export function useKeptText(name: string): Kept<string> {
  return useKept(name, textSchema, '');
}

/** What was kept; undefined where that is nothing, damaged or another version's. */
export function readKept<Value>(text: string | undefined, schema: z.ZodType<Value>): Value | undefined {
  if (text === undefined) return undefined;
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Whether both say the same, in whatever order they name it. */
function isSame<Value>(schema: z.ZodType<Value>, a: Value, b: Value): boolean {
  const [left, right] = [a, b].map((value) => JSON.stringify(schema.safeParse(value).data));
  return left !== undefined && left === right;
}
