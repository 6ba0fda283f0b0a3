import { readdir, readFile, realpath } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { MillraceError } from '../errors/error.ts'
import { coreErrors } from '../errors/errors.ts'
import type { AnyCapability } from './capability.ts'
import { resolveExport } from './package-exports.ts'
import { problemOf } from './shape.ts'

export interface DiscoveredCapability {
  capability: AnyCapability
  /** Absolute `file:` URL of the module that exports it as `capability`. */
  module: string
  /** The package it comes from. */
  packageName: string
}

export interface DiscoverOptions {
  /** Where to begin: a folder or a file, as a path or a `file:` URL. Every folder above it is searched as well. */
  from: URL | string
  /** Further packages, by name or by relative path from the folder `from`. Each must exist. */
  listed?: readonly string[]
  /** Called for each package whose capability cannot be used; the rest is returned. Default: it is thrown. */
  onInvalid?: (error: MillraceError) => void
}

interface Manifest {
  name?: string
  workspaces?: unknown
  exports?: unknown
  millrace?: { capability?: unknown }
}

/**
 * Finds every package whose package.json says `"millrace": { "capability": "./capability" }` (an export subpath)
 * among the workspace's `packages/*`, the installed `@millrace/*` and the listed ones, and imports it. Sorted by name;
 * a package found twice (a workspace and its link) counts once. Throws CORE_CAPABILITY_INVALID, which names the package
 * and what is wrong with it.
 */
export async function discoverCapabilities(options: DiscoverOptions): Promise<DiscoveredCapability[]> {
  const from = options.from instanceof URL ? fileURLToPath(options.from) : fromText(options.from)
  const report =
    options.onInvalid ??
    ((error: MillraceError) => {
      throw error
    })
  const found = new Map<string, DiscoveredCapability>()
  for (const folder of await candidates(from, options.listed ?? [], report)) {
    try {
      const discovered = await load(folder)
      if (discovered === undefined) continue
      const { name } = discovered.capability
      const other = found.get(name)
      if (other !== undefined) {
        const problem = `the capability '${name}' comes from ${other.packageName} already`
        throw coreErrors.CAPABILITY_INVALID({ name: discovered.packageName, problem })
      }
      found.set(name, discovered)
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error
      report(error)
    }
  }
  return [...found.values()].toSorted((a, b) => (a.capability.name < b.capability.name ? -1 : 1))
}

/** Imports the module that exports a capability: what the control plane does with the addresses it is sent. */
export async function importCapability(module: string, packageName = module): Promise<AnyCapability> {
  let exported: unknown
  try {
    exported = ((await import(/* @vite-ignore */ module)) as { capability?: unknown }).capability
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const problem = `${module} cannot be imported: ${reason}`
    throw coreErrors.CAPABILITY_INVALID({ name: packageName, problem }, error)
  }
  const problem = problemOf(exported)
  if (problem !== undefined) throw coreErrors.CAPABILITY_INVALID({ name: packageName, problem })
  return exported as AnyCapability
}

const fromText = (from: string): string => (from.startsWith('file:') ? fileURLToPath(from) : resolve(from))

async function load(folder: string): Promise<DiscoveredCapability | undefined> {
  const manifest = await readManifest(folder)
  const subpath = manifest?.millrace?.capability
  if (manifest === undefined || subpath === undefined) return undefined
  const packageName = manifest.name ?? folder
  const target = typeof subpath === 'string' ? resolveExport(manifest.exports, subpath) : undefined
  if (target === undefined) {
    const problem = `package.json names ${JSON.stringify(subpath)} as its capability, which is not one of its exports`
    throw coreErrors.CAPABILITY_INVALID({ name: packageName, problem })
  }
  const module = pathToFileURL(join(folder, target)).href
  return { capability: await importCapability(module, packageName), module, packageName }
}

/** Real paths of all packages worth a look, in a stable order, each once. */
async function candidates(
  from: string,
  listed: readonly string[],
  report: (error: MillraceError) => void,
): Promise<Set<string>> {
  const folders = new Set<string>()
  const add = async (folder: string): Promise<boolean> => {
    const real = await realpath(folder).catch(() => undefined)
    if (real !== undefined) folders.add(real)
    return real !== undefined
  }
  const above = ancestors(from)
  for (const folder of above) {
    const manifest = await readManifest(folder)
    if (manifest?.workspaces !== undefined) {
      for (const name of await names(join(folder, 'packages'))) await add(join(folder, 'packages', name))
    }
    const scope = join(folder, 'node_modules', '@millrace')
    for (const name of await names(scope)) await add(join(scope, name))
  }
  for (const name of listed) {
    const places = name.startsWith('.')
      ? above.map((folder) => join(folder, name))
      : above.map((folder) => join(folder, 'node_modules', name))
    let known = false
    for (const place of places) known ||= (await readManifest(place)) !== undefined && (await add(place))
    if (!known) {
      const problem = `the configuration lists it, but no such package is installed above ${from}`
      report(coreErrors.CAPABILITY_INVALID({ name, problem }))
    }
  }
  return folders
}

function ancestors(from: string): string[] {
  const folders = [from]
  for (let at = from; dirname(at) !== at; at = dirname(at)) folders.push(dirname(at))
  return folders
}

const names = async (folder: string): Promise<string[]> => {
  const entries: string[] = await readdir(folder).catch(() => [])
  return entries.toSorted()
}

async function readManifest(folder: string): Promise<Manifest | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest
  } catch {
    // Not a package, or one that is being written: nothing to find here.
    return undefined
  }
}
