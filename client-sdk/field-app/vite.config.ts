import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { landOutlines } from './build/land-outlines.ts';
import app from './package.json' with { type: 'json' };

/** Largest file that is kept for use without a network: the device's Postgres is 9 MB of WebAssembly. */
const MAX_PRECACHED_BYTES = 24 * 1024 * 1024;

/** What the server answers itself: never from a cache, never replaced by the app's page. */
const SERVER_PATHS = /^\/(v1|api|health|ready|metrics|openapi\.json|docs|console|ws|\.well-known)(\/|\?|$)/;

const manifest = {
  id: '/',
  name: 'Halo',
  short_name: 'Halo',
  description: 'Report what you see, with or without a network.',
  start_url: '/',
  scope: '/',
  display: 'standalone' as const,
  background_color: '#f5f3ee',
  theme_color: '#f5f3ee',
  icons: [
    { src: '/icons/halo-192.png', sizes: '192x192', type: 'image/png' },
    { src: '/icons/halo-512.png', sizes: '512x512', type: 'image/png' },
    { src: '/icons/halo-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
    { src: '/icons/halo.svg', sizes: 'any', type: 'image/svg+xml' },
  ],
};

export default defineConfig({
  define: { 'import.meta.env.HALO_APP_VERSION': JSON.stringify(app.version) },
  plugins: [
    react(),
    landOutlines(),
    VitePWA({
      strategies: 'generateSW',
      // A new version waits until the person lets it in (src/pwa/updates.ts registers and asks).
      registerType: 'prompt',
      injectRegister: false,
      manifest,
      workbox: {
        // Only the app's own files; there is no run-time caching, so no answer of the server is ever kept.
        globPatterns: ['**/*.{js,mjs,css,html,svg,png,wasm,data,bin,webmanifest}'],
        maximumFileSizeToCacheInBytes: MAX_PRECACHED_BYTES,
        navigateFallback: '/index.html',
        navigateFallbackDenylist: [SERVER_PATHS],
        cleanupOutdatedCaches: true,
        sourcemap: false,
        mode: 'production',
      },
    }),
  ],
  // PGlite finds its WebAssembly beside its own module; bundling it ahead of time in dev breaks that.
  optimizeDeps: { exclude: ['@electric-sql/pglite'] },
  worker: { format: 'es' },
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
  },
});
