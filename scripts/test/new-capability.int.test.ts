import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { problemWith, rewrite } from '../new-capability.ts'

const root = resolve(import.meta.dirname, '../..')
const bin = (name: string): string => join(root, 'node_modules/.bin', name)
const script = join(root, 'scripts/new-capability.ts')
const run = promisify(execFile)

const create = (...args: string[]): Promise<{ stdout: string }> =>
  run(process.execPath, ['--conditions=millrace:source', script, ...args])

const vitest = (...args: string[]): Promise<{ stdout: string }> =>
  run(bin('vitest'), ['run', '--root', work, '--no-color', ...args])

let work = ''
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'millrace-new-'))
  await symlink(join(root, 'node_modules'), join(work, 'node_modules'))
  await writeFile(join(work, 'package.json'), '{"type":"module","private":true}')
  // What a package of the workspace has around it.
  for (const file of ['tsconfig.json', 'tsconfig.base.json', 'vitest.config.ts']) {
    await cp(join(root, file), join(work, file))
  }
  await mkdir(join(work, 'packages'))
  await symlink(join(root, 'packages/core'), join(work, 'packages/core'))
})
afterAll(() => rm(work, { recursive: true, force: true }))

describe('npm run new:capability', () => {
  it('makes a package that type-checks and passes its tests', { timeout: 180_000 }, async () => {
    const name = 'query-plan'
    const { stdout } = await create(name, '--into', join(work, 'packages'))
    expect(stdout).toContain('Next:')
    const source = await readFile(join(work, 'packages', name, 'src/capability.ts'), 'utf8')
    expect(source).not.toMatch(/sample/i)
    expect(source).toContain(`name: '${name}'`)
    const style = ['--check', '--config', join(root, '.prettierrc.json'), join(work, 'packages', name)]
    await run(bin('prettier'), style)
    const only = { extends: './tsconfig.json', include: [`packages/${name}/src`, `packages/${name}/test`] }
    await writeFile(join(work, `${name}.tsconfig.json`), JSON.stringify(only))
    await run(bin('tsc'), ['-p', join(work, `${name}.tsconfig.json`), '--noEmit'])
    const tests = await vitest('--project', 'integration', '--project', 'unit', `packages/${name}/`)
    expect(tests.stdout).toMatch(/Test Files +2 passed/)
  })

  it('makes a package whose conformance test notices a fault', { timeout: 180_000 }, async () => {
    await create('faulty', '--into', join(work, 'packages'))
    const file = join(work, 'packages/faulty/src/capability.ts')
    const source = await readFile(file, 'utf8')
    await writeFile(
      file,
      source
        .replace('dispose: async (watch) => watch.stop()', 'dispose: async () => undefined')
        .replace('DiskWatch.start({ folder', '(setInterval(() => undefined, 1e6), DiskWatch).start({ folder'),
    )
    const failed = vitest('--project', 'integration', 'packages/faulty/').then(
      () => 'passed',
      (error: { stdout: string }) => error.stdout,
    )
    expect(await failed).toMatch(/× is created, reports, and is disposed without a trace/)
  })

  it('refuses bad and taken names with a reason, and makes nothing', async () => {
    await expect(create('cache')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('exists already'),
    })
    await expect(create()).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('Usage') })
  })

  it.each(['Cache', '1st', 'a_b', 'a-', 'a--b', '', '../x', 'server', 'metrics', 'a'.repeat(31)])(
    'refuses %j',
    async (name) => {
      expect(await problemWith(name, join(work, 'packages'))).toEqual(expect.any(String))
    },
  )
})

describe('rewrite', () => {
  it('spells a name of two words as each place needs it', () => {
    const text = 'Sample: sampleErrors, SampleConfig, SAMPLE_DISK, millrace_sample_x, @millrace/sample'
    expect(rewrite(text, 'query-plan')).toBe(
      'Query plan: queryPlanErrors, QueryPlanConfig, QUERY_PLAN_DISK, millrace_query_plan_x, @millrace/query-plan',
    )
    expect(rewrite('  sample?: X\n{ sample: { a } }', 'query-plan')).toBe(
      "  'query-plan'?: X\n{ 'query-plan': { a } }",
    )
  })
})
