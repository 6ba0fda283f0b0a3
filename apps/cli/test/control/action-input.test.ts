import { describe, expect, it } from 'vitest'
import { parseWords, readInput, type ParameterSchema } from '../../src/control/action-input.ts'

const schema: ParameterSchema = {
  properties: {
    pool: { type: 'string' },
    instances: { type: 'integer', description: 'How many.' },
    force: { type: 'boolean' },
    tags: { type: 'array', items: { type: 'string' } },
    sizes: { type: 'array', items: { type: 'number' } },
    filter: { type: 'object' },
    maxAge: { anyOf: [{ type: 'number' }, { type: 'null' }] },
  },
}
const read = (...words: string[]): Record<string, unknown> =>
  readInput(parseWords(words, () => false).options, schema)

describe('parseWords', () => {
  it('tells options, their values and other words apart', () => {
    const { options, positional } = parseWords(
      ['scaling', 'scale', '--pool', 'app', '--json', '--n=4', '--text=a=b', '--offset', '-5'],
      (key) => key === 'json',
    )
    expect(positional).toEqual(['scaling', 'scale'])
    expect(Object.fromEntries(options)).toEqual({
      pool: ['app'],
      json: [true],
      n: ['4'],
      text: ['a=b'],
      offset: ['-5'],
    })
  })

  it('does not take a flag’s neighbour for its value', () => {
    const { options, positional } = parseWords(['--json', 'scaling', 'list'], (key) => key === 'json')
    expect(options.get('json')).toEqual([true])
    expect(positional).toEqual(['scaling', 'list'])
  })
})

describe('readInput', () => {
  it('gives each value the type its schema asks for', () => {
    expect(
      read(
        '--pool',
        '7',
        '--instances',
        '4',
        '--force',
        '--tags',
        'a,b',
        '--tags',
        'c',
        '--sizes',
        '[1,2]',
        '--filter',
        '{"a":1}',
        '--max-age',
        '30',
      ),
    ).toEqual({
      pool: '7',
      instances: 4,
      force: true,
      tags: ['a', 'b', 'c'],
      sizes: [1, 2],
      filter: { a: 1 },
      maxAge: 30,
    })
    expect(read('--no-force')).toEqual({ force: false })
    expect(read('--force=false')).toEqual({ force: false })
  })

  it.each([
    [['--instances', 'many'], '--instances takes a number, not "many".\nHow many.'],
    [['--instances'], '--instances takes a value'],
    [['--force=perhaps'], '--force takes true or false'],
    [['--filter', '{'], '--filter takes JSON'],
    [['--instnaces', '4'], 'There is no option --instnaces. Did you mean --instances?'],
    [['--whatever'], 'There are: --pool, --instances'],
  ])('refuses %j', (words, message) => {
    expect(() => read(...words)).toThrow(message)
  })
})
