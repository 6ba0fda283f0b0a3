import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { CAPABILITY_NAME, listErrors, type AnyCapability } from '@millrace/core'
import { loadedPackages } from './loaded-packages.ts'

/** Each takes tens of milliseconds or megabytes, which `millrace status` should not pay. */
const HEAVY = new Set(['sharp', 'fastify', 'undici', 'pg-boss', 'workerd', 'typescript', 'prettier', 'vite'])

interface Manifest {
  exports?: Record<string, unknown>
  millrace?: { capability?: string }
}

/** Name, README, package.json and error codes. */
export function conformsAsPackage(capability: AnyCapability, root: string): void {
  it('has one lower-case word as its name, a title and a summary', () => {
    expect(capability.name).toMatch(CAPABILITY_NAME)
    expect(capability.title).not.toBe('')
    expect(capability.summary).toMatch(/^.{10,200}\.$/s)
  })

  it('can be found: package.json names the export', async () => {
    const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Manifest
    expect(manifest.millrace?.capability).toBe('./capability')
    expect(manifest.exports).toHaveProperty(['./capability'])
    expect(manifest.exports).toHaveProperty(['.'])
  })

  it('is cheap to import: heavy packages are loaded where they are used', async () => {
    const file = ['src/capability.ts', 'dist/capability.js'].map((path) => join(root, path)).find(existsSync)
    const loaded = await loadedPackages(file!)
    expect(loaded).toContain('zod')
    expect(loaded.filter((name) => HEAVY.has(name))).toEqual([])
  })

  it('has a README with a title, an example and its limits', async () => {
    const text = await readFile(join(root, 'README.md'), 'utf8')
    expect(text).toMatch(/^# \S/)
    expect(text).toMatch(/^```/m)
    expect(text).toMatch(/^#+ .*limits/im)
  })

  it('prefixes its error codes with its name', async () => {
    const prefix = `${capability.name.toUpperCase().replaceAll('-', '_')}_`
    const codes = (await errorsOf(root)).map(({ code }) => code)
    expect(codes.filter((code) => !code.startsWith(prefix))).toEqual([])
    expect(new Set(codes).size).toBe(codes.length)
  })
}

async function errorsOf(root: string): Promise<{ code: string }[]> {
  const file = ['src/errors.ts', 'dist/errors.js'].map((path) => join(root, path)).find(existsSync)
  if (file === undefined) return []
  const module = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Record<string, unknown>
  return Object.values(module).flatMap((value) =>
    typeof value === 'object' && value !== null ? listErrors(value) : [],
  )
}
