import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// `vite` alone serves the client with hot reload; everything else comes from the running platform.
const platform = process.env.STORE_PLATFORM_URL ?? 'http://127.0.0.1:3000'

export default defineConfig({
  root: new URL('./client', import.meta.url).pathname,
  plugins: [react()],
  server: {
    host: '127.0.0.1',
    proxy: { '/services': platform, '/images': platform, '/_millrace': platform },
  },
  build: {
    target: 'baseline-widely-available',
    // Files of their own can be cached for ever and are compressed once.
    assetsInlineLimit: 0,
  },
})
