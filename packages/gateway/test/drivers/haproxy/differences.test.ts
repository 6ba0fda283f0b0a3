import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { DIFFERENCES, LACKING } from '../../../src/drivers/haproxy/differences.ts'

it('the README’s table of differences is the list that the engine suite holds HAProxy to', () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')
  const [, section = ''] = /### What it does otherwise\n([^]*?)\n## /.exec(readme) ?? []
  const rows = section.split('\n').flatMap((line) => {
    const [, behaviour] = /^- (.*)$/.exec(line) ?? []
    return behaviour === undefined ? [] : [behaviour]
  })
  expect(rows).toEqual(DIFFERENCES.map(({ behaviour }) => behaviour))
  for (const feature of LACKING) expect(section).toContain(`\`${feature}\``)
})
