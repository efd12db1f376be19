import { createContext, useContext } from 'react';
import type { Halo } from '../api.ts';

export const HaloContext = createContext<Halo | undefined>(undefined);

/** The open device; only below `HaloProvider`. */
export function useHalo(): Halo {
  const halo = useContext(HaloContext);
  if (halo === undefined) throw new Error('useHalo is called outside HaloProvider');
  return halo;
}
