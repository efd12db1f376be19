import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openHalo } from '@halo/client';
import type { Halo } from '@halo/client';
import { nodeStore } from '@halo/client/node';
import { apiOf } from './ask-api.ts';
import { raiseMast } from './mast.ts';
import type { Mast } from './mast.ts';

/** One device of the demo: an account of its own, a store on disk, and a mast that can fail. */
export interface Resident {
  readonly name: string;
  readonly halo: Halo;
  readonly mast: Mast;
  close(): Promise<void>;
}

/** Registers an account through the public API and opens a device for it. */
export async function settleResident(
  name: string,
  url: string,
  dir: string,
  region: string,
): Promise<Resident> {
  const mast = await raiseMast(url);
  const auth = { email: `${name}-${Date.now().toString(36)}@demo.example`, password: crypto.randomUUID() };
  const made = await apiOf(url)('POST', '/api/v1/auth/register', { ...auth, displayName: `Device ${name}` });
  if (made.status !== 201) throw new Error(`registering failed with ${made.status}`);
  const storeDir = join(dir, name);
  mkdirSync(storeDir, { recursive: true });
  const shapes = ['incidents', 'predictions'].map((name) => ({ name, params: { region } }));
  const halo = await openHalo({ url: mast.url, store: nodeStore(storeDir), auth, shapes });
  return {
    name,
    halo,
    mast,
    async close() {
      await halo.close();
      await mast.close();
    },
  };
}
