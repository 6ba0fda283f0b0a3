import { defineConfig } from 'vitest/config'

// Sources are resolved through the `millrace:source` condition, so no test ever runs against a stale dist.
// vitest also starts its workers with these conditions: `import` or `module` among them would make `require` of a
// package such as pg-pool return its ES module. Vite adds both where they belong.
const conditions = ['millrace:source', 'node']
const shared = {
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
}
const trees = ['packages/*', 'apps/*', 'examples/**', 'bench', 'scripts']
const under = (suffix: string) => trees.map((tree) => `${tree}/test/**/*.${suffix}`)
const never = ['**/node_modules/**', '**/dist/**']

export default defineConfig({
  test: {
    // Two cores: more forks than that only make tests wait for one another.
    maxWorkers: 2,
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          include: under('test.ts').concat(under('test.tsx')),
          exclude: [...never, '**/*.int.test.ts', '**/*.browser.test.ts'],
          testTimeout: 10_000,
        },
      },
      {
        ...shared,
        test: {
          name: 'integration',
          include: under('int.test.ts').concat('tests/**/*.int.test.ts'),
          exclude: never,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // A second, the default, is what a busy machine may take for anything.
          expect: { poll: { timeout: 5_000 } },
          pool: 'forks',
          execArgv: ['--conditions=millrace:source'],
        },
      },
      {
        ...shared,
        test: {
          name: 'browser',
          include: under('browser.test.ts').concat('tests/**/*.browser.test.ts'),
          exclude: never,
          testTimeout: 90_000,
          hookTimeout: 180_000,
          pool: 'forks',
          execArgv: ['--conditions=millrace:source'],
          fileParallelism: false,
        },
      },
    ],
  },
})
