import { useState } from 'react';

/** The last value that was there, while the next is fetched: a list does not vanish when one more page is asked for. */
export function useHeld<Value>(value: Value | undefined): Value | undefined {
  const [held, setHeld] = useState(value);
  if (value !== undefined && value !== held) setHeld(value);
  return value ?? held;
}
