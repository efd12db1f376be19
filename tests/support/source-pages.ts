import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Pages of this repository, served from their sources. */
export interface SourcePages {
  readonly origin: string;
  close(): Promise<void>;
}

/**
 * Serves the repository to a browser, with the API of `target` on the same origin.
 * @param bundled packages that a browser cannot load as they are.
 */
export async function serveSourcePages(
  target: string,
  bundled: readonly string[] = [],
): Promise<SourcePages> {
  const cacheDir = await mkdtemp(join(tmpdir(), 'halo-vite-'));
  const vite = await createServer({
    root: ROOT,
    configFile: false,
    cacheDir,
    logLevel: 'error',
    server: {
      port: 0,
      host: '127.0.0.1',
      hmr: false,
      watch: null,
      proxy: { '/v1': target, '/api': target },
    },
    optimizeDeps: { noDiscovery: true, include: [...bundled], exclude: ['@electric-sql/pglite'] },
    worker: { format: 'es' },
  });
  await vite.listen();
  return {
    origin: vite.resolvedUrls!.local[0]!.replace(/\/$/, ''),
    async close() {
      await vite.close();
      await rm(cacheDir, { recursive: true, force: true });
    },
  };
}
