import { expect, test } from 'vitest'
import { createGate } from '../../src/auth/gate.ts'

const refused = (): Error => new Error('too many')

test('no more at once than allowed, in the order of arrival, and the rest is refused', async () => {
  const gate = createGate({ concurrent: 2, maxWaiting: 3, refused })
  const finish: (() => void)[] = []
  const order: number[] = []
  let running = 0
  let most = 0
  const work = (id: number) =>
    gate.run(async () => {
      most = Math.max(most, ++running)
      await new Promise<void>((resolve) => finish.push(resolve))
      running--
      order.push(id)
    })
  const all = [1, 2, 3, 4, 5].map(work)
  await expect(work(6)).rejects.toThrow('too many')
  while (order.length < 5) {
    finish.shift()?.()
    await Promise.resolve()
  }
  await Promise.all(all)
  expect(order).toEqual([1, 2, 3, 4, 5])
  expect(most).toBe(2)
})

test('a failure gives its place back', async () => {
  const gate = createGate({ concurrent: 1, maxWaiting: 0, refused })
  await expect(gate.run(() => Promise.reject(new Error('mine')))).rejects.toThrow('mine')
  expect(await gate.run(async () => 'next')).toBe('next')
})
