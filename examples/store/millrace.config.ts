import { defineConfig } from '@millrace/core'
import { join, resolve } from 'node:path'

// The store keeps its pictures, uploads and the built front end beside the platform's own state, so that moving
// MILLRACE_DATA_DIR moves everything.
const dataDir = resolve(import.meta.dirname, process.env.MILLRACE_DATA_DIR ?? '.millrace')
const STORE_DATA_DIR = join(dataDir, 'store')

/** Runs TypeScript as it is; with a built application this would be `node dist/main.js`. */
const run = (file: string): string => `node --conditions=millrace:source ${file}`

/** `/services/shop/public/products` reaches the shop as `/public/products`. */
const behind = (name: string) => [{ path: `/services/${name}`, stripPrefix: true }]

/** Alive, not ready: an instance whose database is away for a moment still answers what it has cached. */
const health = { path: '/health' }

export default defineConfig({
  applications: {
    user: {
      command: run('services/user/src/main.ts'),
      prepare: run('services/user/src/prepare.ts'),
      database: 'users',
      // Filled, and without a service of their own yet.
      databases: { MESSAGES_DATABASE_URL: 'messages', COLLABORATION_DATABASE_URL: 'collaboration' },
      routes: behind('user'),
      health,
    },
    content: {
      command: run('services/content/src/main.ts'),
      prepare: run('services/content/src/prepare.ts'),
      database: 'content',
      routes: behind('content'),
      health,
    },
    shop: {
      command: run('services/shop/src/main.ts'),
      prepare: run('services/shop/src/prepare.ts'),
      database: 'shop',
      // What most visitors come for; the two keep each other's caches true (common/service/caching.ts).
      instances: 2,
      routes: behind('shop'),
      health,
    },
    media: {
      command: run('services/media/src/main.ts'),
      prepare: run('services/media/src/prepare.ts'),
      database: 'media',
      env: { STORE_DATA_DIR },
      routes: behind('media'),
      health,
    },
    web: {
      command: run('web/src/server.ts'),
      prepare: run('web/src/prepare.ts'),
      env: { STORE_DATA_DIR },
      routes: [{ path: '/' }],
      health,
    },
  },
  server: {
    // The panel at /admin on the store's own port, for this machine only.
    mount: 'loopback',
    // This is a demonstration with invented data: whoever sits at this machine may read the API without signing in,
    // which lets the curl lines of the documentation work as they stand. The panel and every change need the
    // password all the same. Leave it out for a real application.
    anonymousRead: true,
  },
})
