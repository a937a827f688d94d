import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** The console as the gateway serves it: hashed assets without inline code, for its Content-Security-Policy. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  resolve: { conditions: ['source', 'module', 'browser', 'production'] },
  build: {
    outDir: '../gateway/console',
    emptyOutDir: true,
    // light-dark() as it stands: it is resolved where a colour is used, not once at the root
    target: ['chrome123', 'firefox120', 'safari17.5'],
    assetsDir: 'assets',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    manifest: 'manifest.json',
  },
})
