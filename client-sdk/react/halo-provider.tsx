import type { ReactNode } from 'react';
import type { Halo } from '../api.ts';
import { HaloContext } from './halo-context.ts';

/** Gives an open device to the components below. Its owner closes it. */
export function HaloProvider({ halo, children }: { readonly halo: Halo; readonly children: ReactNode }) {
  return <HaloContext value={halo}>{children}</HaloContext>;
}
