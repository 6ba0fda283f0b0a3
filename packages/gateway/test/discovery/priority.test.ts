import type { Instance } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { preferred } from '../../src/discovery/priority.ts'

const instance = (id: string, priority?: number, state: Instance['state'] = 'ready'): Instance => ({
  id,
  pool: 'app',
  host: id,
  port: 80,
  weight: 1,
  state,
  ...(priority === undefined ? {} : { priority }),
})
const chosen = (list: Instance[], down: string[] = []): string =>
  preferred(list, (id) => !down.includes(id))
    .map(({ id }) => id)
    .join(' ')

describe('priorities', () => {
  const list = [instance('a', 10), instance('b', 10), instance('far', 20), instance('last', 30)]

  it('only the lowest number of which one can take requests', () => {
    expect(chosen(list)).toBe('a b')
    expect(chosen(list, ['a'])).toBe('a b')
    expect(chosen(list, ['a', 'b'])).toBe('far')
    expect(chosen(list, ['a', 'b', 'far'])).toBe('last')
    expect(chosen(list, ['a', 'b', 'far', 'last'])).toBe('a b')
  })

  it('those that drain stay, whatever their number', () => {
    expect(chosen([...list, instance('old', 20, 'draining')])).toBe('a b old')
    expect(chosen([instance('old', 5, 'draining')])).toBe('old')
  })

  it('without priorities it is everybody', () => {
    expect(chosen([instance('a'), instance('b')], ['a', 'b'])).toBe('a b')
    expect(chosen([])).toBe('')
  })
})
