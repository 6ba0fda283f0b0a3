import { describe, expect, it } from 'vitest'
import { sqlOperation } from '../../src/postgres/operation.ts'

describe('sqlOperation', () => {
  it.each([
    ['select 1', 'SELECT'],
    ['  \n(SELECT 1)', 'SELECT'],
    ['-- why\nINSERT INTO t VALUES (1)', 'INSERT'],
    ['/* a */ /* b */ update t set a = 1', 'UPDATE'],
    ['WITH x AS (SELECT 1) SELECT * FROM x', 'WITH'],
    ['BEGIN', 'BEGIN'],
    ['drop_everything()', 'OTHER'],
    ["'secret'", 'OTHER'],
    ['', 'OTHER'],
  ])('%j → %s', (text, operation) => expect(sqlOperation(text)).toBe(operation))

  it('answers OTHER for what is not a text and takes no time over a hostile one', () => {
    expect(sqlOperation(undefined)).toBe('OTHER')
    const started = performance.now()
    expect(sqlOperation('/*'.repeat(500_000))).toBe('OTHER')
    expect(sqlOperation('('.repeat(1_000_000))).toBe('OTHER')
    expect(performance.now() - started).toBeLessThan(200)
  })
})
