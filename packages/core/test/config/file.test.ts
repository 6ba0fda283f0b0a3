import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { readConfigFile } from '../../src/config/file.ts'
import { loadConfig, MillraceError } from '../../src/index.ts'

let cwd = ''
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'millrace-config-file-'))
})
afterEach(() => rm(cwd, { recursive: true }))

async function write(text: string, name = 'millrace.config.ts'): Promise<string> {
  const file = join(cwd, name)
  await writeFile(file, text)
  return file
}

const failureOf = (promise: Promise<unknown>): Promise<MillraceError> =>
  promise.then(
    () => {
      throw new Error('it was accepted')
    },
    (error: unknown) => {
      expect(error).toBeInstanceOf(MillraceError)
      return error as MillraceError
    },
  )

test('a value that is thrown and is no error has no line, and is told as it is', async () => {
  const file = await write('throw null\nexport default {}\n')
  expect((await failureOf(readConfigFile(file))).message).toMatch(/cannot be loaded: null$/)
})

test('a file that waits for ever is given up', async () => {
  const file = await write('await new Promise(() => {})\nexport default {}\n')
  const { code, message } = await failureOf(readConfigFile(file, 200))
  expect(code).toBe('CORE_CONFIG_UNREADABLE')
  expect(message).toMatch(/it was not loaded after 0\.2 s; does it wait for something\?$/)
})

const gateway = {
  name: 'gateway',
  config: z.strictObject({ limits: z.strictObject({ bytes: z.int().default(1) }).prefault({}) }),
}
const problems = async (text: string): Promise<string[]> => {
  await write(text)
  const error = await failureOf(loadConfig({ cwd, capabilities: [gateway] }))
  expect(error.code).toBe('CORE_CONFIG_INVALID')
  return error.details['problems'] as string[]
}

test('null is not "nothing", and an empty data directory is not the folder of the project', async () => {
  expect(await problems('export default { gateway: null, dataDir: "" }')).toEqual([
    expect.stringMatching(/^dataDir: .*got ""/),
    expect.stringMatching(/^gateway: expected object, got null/),
  ])
})

test('an object that contains itself is refused where it leaves the schema', async () => {
  const text = 'const a = { gateway: {} as object }\na.gateway = { limits: a }\nexport default a\n'
  expect(await problems(text)).toEqual([expect.stringMatching(/^gateway\.limits\.gateway: is not a known/)])
})

test('addresses say what they are to look like', async () => {
  const text = `export default {
    postgres: { url: 'mysql://user:hidden@host' },
    applications: { shop: { upstreams: ['ftp://host'] } },
  }`
  const found = await problems(text)
  expect(found).toEqual([
    expect.stringContaining('expected an address such as http://127.0.0.1:4000, got "ftp://host"'),
    expect.stringContaining('expected an address such as postgres://user:password@host:5432/database'),
  ])
  expect(found.join()).not.toContain('hidden')
})

/** The refusal as Node itself loads the file; the test runner has a loader of its own. */
async function refusalByNode(text: string): Promise<string> {
  const file = await write(text)
  const source = new URL('../../src/config/file.ts', import.meta.url).href
  const script = `import { readConfigFile } from ${JSON.stringify(source)}
    await readConfigFile(${JSON.stringify(file)}).then(console.log, ({ code, message }) => console.log(code, message))`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    cwd,
    timeout: 30_000,
  })
  return stdout.trim()
}

test('a file that forgot its export is told so, instead of being taken for an empty configuration', async () => {
  expect(await refusalByNode('const config = { logLevel: "debug" }\nvoid config\n')).toMatch(
    /^CORE_CONFIG_UNREADABLE .* it must export a configuration object by default/,
  )
})

test('whatever goes wrong while the file is read or runs, the message says in which line', async () => {
  expect(
    await refusalByNode('const fine = 1\n\nthrow new Error(`boom ${fine}`)\nexport default {}\n'),
  ).toMatch(/cannot be loaded: boom 1 \(millrace\.config\.ts:3:\d+\)$/)
  expect(await refusalByNode('export default {\n  applications: :\n}\n')).toMatch(
    /cannot be loaded: Expression expected \(millrace\.config\.ts:2\)$/,
  )
})
