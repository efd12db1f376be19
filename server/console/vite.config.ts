import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { landOutlines } from '../../client-sdk/field-app/build/land-outlines.ts';

export default defineConfig({
  base: '/console/',
  plugins: [react(), landOutlines()],
  worker: { format: 'es' },
  // In dev the API is another process: `npm start`.
  server: { proxy: { '/api': 'http://localhost:3000', '/v1': 'http://localhost:3000' } },
  build: {
    target: 'es2023',
    // Nothing inline: the content policy allows only files of the server's own.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
  },
});
