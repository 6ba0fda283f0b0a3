import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatCommand, parseCommand } from '../../src/process/index.ts'

describe('parseCommand', () => {
  it.each([
    ['node server.js', ['node', 'server.js']],
    ['  node   server.js\t', ['node', 'server.js']],
    ['node "my server.js"', ['node', 'my server.js']],
    [`sh -c 'a | b && c'`, ['sh', '-c', 'a | b && c']],
    ['a\\ b c', ['a b', 'c']],
    ['"a\\"b" \'c\\d\'', ['a"b', 'c\\d']],
    ['"a\\n"', ['a\\n']],
    ['--name="x y"z', ['--name=x yz']],
    [`a '' ""`, ['a', '', '']],
    ['echo $PORT *.js', ['echo', '$PORT', '*.js']],
    [`grep '|' ";"`, ['grep', '|', ';']],
    ['grep \\|', ['grep', '|']],
  ])('splits %s', (text, expected) => {
    expect(parseCommand(text)).toEqual(expected)
  })

  it('leaves a list alone', () => {
    expect(parseCommand(['node', 'my server.js', '|'])).toEqual(['node', 'my server.js', '|'])
  })

  it.each([
    ['', 'is empty'],
    ['   ', 'is empty'],
    ['node "server.js', 'open " quote'],
    [`node 'server.js`, `open ' quote`],
    ['node \\', 'ends in a backslash'],
    ['node a.js | tee log', 'shell operator |'],
    ['a && b', 'shell operator &&'],
    ['a > b', 'shell operator >'],
  ])('refuses %j: it %s', (text, problem) => {
    expect(() => parseCommand(text)).toThrow(problem)
  })

  it('is the inverse of formatCommand', () => {
    const word = fc.string({ unit: 'grapheme', maxLength: 12 })
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), (argv) => {
        expect(parseCommand(formatCommand(argv))).toEqual(argv)
      }),
    )
  })
})
