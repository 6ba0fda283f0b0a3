import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { nodeBinary, Problem, root, run, say } from './shell.mjs'

const STAMP = '.sources'
const IGNORED = new Set(['node_modules', 'dist', 'dist.new', 'dist.old', 'test', 'coverage'])
/** Workspace sources that browser code is made of, besides its own. */
const SHARED = ['packages/api-client/src', 'packages/react/src', 'package-lock.json']

/** Builds each folder with Vite when its sources are not those of its `dist`. A build that fails leaves the old one alone. */
export async function buildWeb(folders) {
  for (const folder of folders) {
    if (!existsSync(path.join(root, folder, 'package.json'))) continue
    await buildOne(folder)
  }
}

async function buildOne(folder) {
  const from = path.join(root, folder)
  const dist = path.join(from, 'dist')
  const wanted = hashOf([folder, ...SHARED])
  if (readIfThere(path.join(dist, STAMP)) === wanted) return
  const fresh = path.join(from, 'dist.new')
  rmSync(fresh, { recursive: true, force: true })
  say(`  Building ${folder}`)
  const vite = path.join(root, 'node_modules/vite/bin/vite.js')
  const { code, output, seconds } = await run(
    nodeBinary,
    [vite, 'build', '--outDir', fresh, '--emptyOutDir', '--logLevel', 'warn'],
    { quiet: true, what: folder, cwd: from },
  )
  if (code !== 0) {
    rmSync(fresh, { recursive: true, force: true })
    throw new Problem(`${folder} cannot be built (exit code ${code}):\n\n${output.trim()}`)
  }
  writeFileSync(path.join(fresh, STAMP), wanted)
  // Two renames: whoever serves the folder meanwhile sees the old build or the new one, whole.
  const old = path.join(from, 'dist.old')
  rmSync(old, { recursive: true, force: true })
  if (existsSync(dist)) renameSync(dist, old)
  renameSync(fresh, dist)
  rmSync(old, { recursive: true, force: true })
  say(`  ✓ ${folder}  ${seconds.toFixed(1)} s`)
}

function hashOf(places) {
  const hash = createHash('sha256')
  for (const place of places) {
    for (const file of filesBelow(path.join(root, place))) {
      hash
        .update(`${path.relative(root, file)}\0`)
        .update(readFileSync(file))
        .update('\0')
    }
  }
  return hash.digest('hex')
}

function filesBelow(place) {
  let entries
  try {
    entries = readdirSync(place, { withFileTypes: true })
  } catch (error) {
    return error.code === 'ENOTDIR' ? [place] : []
  }
  return entries
    .filter(({ name }) => !IGNORED.has(name))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const at = path.join(place, entry.name)
      return entry.isDirectory() ? filesBelow(at) : entry.isFile() ? [at] : []
    })
}

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
