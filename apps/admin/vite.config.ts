import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  // Deep links (`/admin/performance/api`) need an absolute base for the assets.
  base: '/admin/',
  plugins: [react()],
  // Workspace packages are read from their sources, as everywhere else in this repository.
  resolve: { conditions: ['millrace:source', 'browser', 'module', 'import', 'default'] },
  build: {
    target: 'es2023',
    // The control plane's policy allows no inline script and no data: font.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 600,
  },
  server: {
    host: '127.0.0.1',
    // `npm run dev -w @millrace/admin` against a platform that runs already.
    proxy: { '/api': process.env['MILLRACE_URL'] ?? 'http://127.0.0.1:3000' },
  },
})
