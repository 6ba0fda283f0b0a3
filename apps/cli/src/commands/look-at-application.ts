import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

/** What `init` found out about the application in a folder. */
export interface ApplicationGuess {
  name: string
  /** Undefined when nothing says how it is started. */
  command: string | undefined
  /** Where that comes from, in words. */
  because: string
  framework: string | undefined
  /** What the owner should check. */
  notes: string[]
}

interface Manifest {
  name?: string
  main?: string
  scripts?: Record<string, string>
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
}

/** Packages by which a framework is known, and how its production server is started when no script says so. */
const FRAMEWORKS: { package: string; title: string; command?: string; note?: string }[] = [
  { package: 'next', title: 'Next.js', command: 'next start', note: 'Run `next build` first.' },
  {
    package: 'nuxt',
    title: 'Nuxt',
    command: 'node .output/server/index.mjs',
    note: 'Run `nuxt build` first.',
  },
  { package: '@remix-run/serve', title: 'Remix', command: 'remix-serve build/index.js' },
  {
    package: '@react-router/serve',
    title: 'React Router',
    command: 'react-router-serve ./build/server/index.js',
  },
  { package: '@sveltejs/adapter-node', title: 'SvelteKit', command: 'node build' },
  {
    package: 'astro',
    title: 'Astro',
    command: 'node ./dist/server/entry.mjs',
    note: 'Needs its Node adapter.',
  },
  { package: '@nestjs/core', title: 'NestJS', command: 'node dist/main.js' },
  { package: 'fastify', title: 'Fastify' },
  { package: 'express', title: 'Express' },
  { package: 'koa', title: 'Koa' },
  { package: 'hono', title: 'Hono' },
  { package: '@hapi/hapi', title: 'hapi' },
]

const ENTRIES = [
  'server.js',
  'server.mjs',
  'app.js',
  'index.js',
  'index.mjs',
  'src/server.js',
  'src/index.js',
  'server.ts',
]
const FIXED_PORT = /(?:--port|-p)[ =]\d{2,5}\b/

/** Reads package.json and looks for files; runs nothing. */
export function lookAtApplication(folder: string): ApplicationGuess {
  const manifest = readManifest(folder)
  const packages = { ...manifest.devDependencies, ...manifest.dependencies }
  const framework = FRAMEWORKS.find((candidate) => packages[candidate.package] !== undefined)
  const notes: string[] = []
  const { command, because } = findCommand(folder, manifest, framework)
  if (framework?.note !== undefined) notes.push(framework.note)
  const script = manifest.scripts?.['start'] ?? command ?? ''
  if (FIXED_PORT.test(script)) {
    notes.push(
      'The start script sets a fixed port. It must use the one in PORT, or several instances collide.',
    )
  }
  if (command === undefined) notes.push('Nothing here says how it is started: fill in `command`.')
  return {
    name: applicationName(manifest.name ?? basename(folder)),
    command,
    because,
    framework: framework?.title,
    notes,
  }
}

function findCommand(
  folder: string,
  manifest: Manifest,
  framework: (typeof FRAMEWORKS)[number] | undefined,
): { command: string | undefined; because: string } {
  const start = manifest.scripts?.['start']
  // `node server.js` directly: one process less than npm, and signals arrive where they are meant to.
  if (start !== undefined && /^node\s[^&|;<>$]+$/.test(start))
    return { command: start, because: 'the start script' }
  if (framework?.command !== undefined) return { command: framework.command, because: framework.title }
  if (start !== undefined) return { command: 'npm run start', because: 'the start script' }
  const entry = [manifest.main, ...ENTRIES].find(
    (file) => file !== undefined && existsSync(join(folder, file)),
  )
  return entry === undefined
    ? { command: undefined, because: 'nothing found' }
    : { command: `node ${entry}`, because: `the file ${entry}` }
}

function readManifest(folder: string): Manifest {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
  } catch {
    return {}
  }
}

/** `@shop/web Server` → `web-server`: what an application may be called in the configuration. */
export function applicationName(text: string): string {
  const name = text
    .replace(/^@[^/]+\//, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[^a-z]+|-+$/g, '')
  return name === '' ? 'app' : name
}
