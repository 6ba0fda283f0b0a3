import { expect, it } from 'vitest'
import { checkTable } from '../../src/drivers/check-table.ts'
import { onePool } from '../../src/testing/index.ts'

const problemsOf = (host: string): unknown => {
  const { routes, pools } = onePool(4_000)
  try {
    checkTable({ routes, pools: [{ ...pools[0]!, backends: [{ id: 'app/1', host, port: 4_000 }] }] })
    return []
  } catch (error) {
    return (error as { details: { problems: string[] } }).details.problems
  }
}

// Each of these made the constructor of a client throw when the table was already half applied.
it.each([
  'two words',
  'http://10.0.0.1',
  '10.0.0.1/x',
  'user@host',
  'fe80::1%eth0',
  '',
  '1.2.3.999',
  '*.shop.example',
  'häuser',
])('a backend cannot be at %j', (host) => {
  expect(problemsOf(host)).toEqual([`backend 'app/1': host '${host}' is not an address or a host name`])
})

it.each(['127.0.0.1', '::1', '2001:db8::1', 'localhost', 'shop_1.internal', 'shop.internal.'])(
  'a backend can be at %j',
  (host) => {
    expect(problemsOf(host)).toEqual([])
  },
)

it.each([0, -1, Number.NaN, Infinity, 1e308, 5e-324])('a weight cannot be %d', (weight) => {
  const { routes, pools } = onePool(4_000)
  const backends = pools[0]!.backends.map((backend) => ({ ...backend, weight }))
  expect(() => checkTable({ routes, pools: [{ ...pools[0]!, backends }] })).toThrow(
    expect.objectContaining({ code: 'GATEWAY_TABLE_INVALID' }),
  )
})
