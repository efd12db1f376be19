import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { openHalo } from '@halo/client';
import { nodeStore } from '@halo/client/node';
import {
  timeToMakeEmpty,
  timeToOpen,
  timeToOpenAlone,
} from '../../client-sdk/platform/browser/testing/time-to-open.ts';
import { peakMemory } from './peak-memory.ts';

// A device in a process of its own, for the bench: `halo` opens it, `raw` opens its database with PGlite alone, and `new`
// makes an empty one. They ask for a screen's rows, say what it took as a line of JSON, and end.
const [mode, dir, url, email, password] = process.argv.slice(2) as [string, string, string, string, string];
if (mode === 'halo') {
  const { halo, times } = await timeToOpen(() =>
    openHalo({
      url,
      store: nodeStore(dir),
      auth: { email, password },
      shapes: [{ name: 'incidents', params: { region: '01' } }],
    }),
  );
  say({ ...times, bytes: peakMemory('self') });
  await halo.close();
} else if (mode === 'raw') {
  const account = readdirSync(dir, { withFileTypes: true }).find(
    (each) => each.isDirectory() && each.name !== 'raw',
  )!;
  const open = () => PGlite.create(join(dir, account.name, 'replica'));
  const { postgres, times } = await timeToOpenAlone(open);
  say({ ...times, bytes: peakMemory('self') });
  await postgres.close();
} else {
  mkdirSync(dir, { recursive: true });
  const { postgres, times } = await timeToMakeEmpty(() => PGlite.create(join(dir, 'raw')));
  say({ ...times, bytes: peakMemory('self') });
  await postgres.close();
}

function say(line: unknown): void {
  process.stdout.write(`measured ${JSON.stringify(line)}\n`);
}
