import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { discoverCapabilities, readListedCapabilities, type MillraceError } from '../../src/index.ts'

let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'millrace-discover-'))
  await put('package.json', JSON.stringify({ workspaces: ['packages/*'] }))
})
afterEach(() => rm(root, { recursive: true }))

async function put(path: string, text: string): Promise<void> {
  const file = join(root, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}

const source = (name: string, extra = ''): string => `export const capability = {
  name: '${name}', title: 'T', summary: 'S.', config: { _zod: {} }, metrics: {}, actions: {},
  create: async () => ({}), health: async () => ({}), dispose: async () => {}, ${extra} }`

async function pack(folder: string, name: string, module: string): Promise<void> {
  const exports = {
    './capability': { 'millrace:source': './src/c.mjs', types: './dist/no.d.ts', default: './dist/no.js' },
  }
  const manifest = { name, exports, millrace: { capability: './capability' } }
  await put(`${folder}/package.json`, JSON.stringify(manifest))
  await put(`${folder}/src/c.mjs`, module)
}

async function problem(options: { listed?: string[] } = {}): Promise<string> {
  const errors: MillraceError[] = []
  await discoverCapabilities({ from: root, ...options, onInvalid: (error) => errors.push(error) })
  expect(errors.map(({ code }) => code)).toEqual(['CORE_CAPABILITY_INVALID'])
  return errors[0]!.message
}

describe('discoverCapabilities', () => {
  it('finds workspaces, installed packages and listed ones, once each, from any folder below', async () => {
    await pack('packages/cache', '@millrace/cache', source('cache'))
    await put('packages/plain/package.json', '{"name":"plain"}')
    await put('packages/broken/package.json', '{')
    await pack('node_modules/@millrace/assets', '@millrace/assets', source('assets'))
    await symlink(join(root, 'packages/cache'), join(root, 'node_modules/@millrace/cache'))
    await pack('node_modules/other-thing', 'other-thing', source('other'))
    await pack('local/mine', 'mine', source('mine'))
    await mkdir(join(root, 'apps/cli'), { recursive: true })
    const found = await discoverCapabilities({
      from: pathToFileURL(join(root, 'apps/cli/main.ts')),
      listed: ['other-thing', './local/mine'],
    })
    expect(found.map(({ capability }) => capability.name)).toEqual(['assets', 'cache', 'mine', 'other'])
    expect(found[1]).toMatchObject({ packageName: '@millrace/cache' })
    expect(found[1]!.module).toMatch(/^file:\/\/.*packages\/cache\/src\/c\.mjs$/)
  })

  it.each([
    ['export const other = 1', 'no export named `capability`'],
    ['import "./absent.mjs"', 'cannot be imported'],
    [source('Bad Name'), 'name must match'],
    [source('a').replace("title: 'T'", "title: ''"), 'title must be a text'],
    [source('a').replace('{ _zod: {} }', '{}'), 'config must be a zod schema'],
    [source('a').replace('health: async () => ({}), ', ''), 'health must be a function'],
    [source('a', 'dependsOn: "b"'), 'dependsOn must be a list'],
    [source('a').replace('actions: {}', 'actions: { go: { run() {} } }'), "'go' must have an effect"],
    [source('a').replace('actions: {}', 'actions: { Go: { run() {} } }'), "'Go' must match"],
  ])('says what is wrong: %s', async (module, words) => {
    await pack('packages/a', '@millrace/a', module)
    expect(await problem()).toContain(words)
    await expect(discoverCapabilities({ from: root })).rejects.toMatchObject({
      code: 'CORE_CAPABILITY_INVALID',
      details: { name: '@millrace/a' },
    })
  })

  it('refuses two packages of one name, an export that is not there, and a listed package that is not', async () => {
    await pack('packages/a', '@millrace/a', source('same'))
    await pack('packages/b', '@millrace/b', source('same'))
    expect(await problem()).toContain('comes from @millrace/a already')
    await put('packages/b/package.json', '{"name":"b","exports":{},"millrace":{"capability":"./x"}}')
    expect(await problem()).toContain('not one of its exports')
    await rm(join(root, 'packages/b'), { recursive: true })
    expect(await problem({ listed: ['nothing-here'] })).toContain('no such package is installed')
  })

  it('never leaves the package through its exports', async () => {
    const manifest = { name: 'a', exports: { './x': './../../evil.mjs' }, millrace: { capability: './x' } }
    await put('packages/a/package.json', JSON.stringify(manifest))
    expect(await problem()).toContain('not one of its exports')
  })

  it('reads the list from the file or the environment', async () => {
    await put('millrace.config.json', '{"capabilities":["a","./b"]}')
    expect(await readListedCapabilities({ cwd: root })).toEqual({ listed: ['a', './b'], folder: root })
    const env = { MILLRACE_CAPABILITIES: 'c, d' }
    expect((await readListedCapabilities({ cwd: root, env })).listed).toEqual(['c', 'd'])
  })
})
