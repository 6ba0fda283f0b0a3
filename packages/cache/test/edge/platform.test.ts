import { createEventBus, createPorts, silentLogger } from '@millrace/core'
import { createTestContext, waitFor } from '@millrace/testing'
import { expect, it, onTestFinished } from 'vitest'
import { capability } from '../../src/capability.ts'
import { startCdn } from './set-up.ts'

it('what applications declare stale is purged at the edge, as soon as there is one', async () => {
  const cdn = await startCdn()
  const events = createEventBus(silentLogger)
  const ports = createPorts()
  const test = await createTestContext(capability, { events, ports })
  onTestFinished(() => test.close())
  const service = await capability.create(test.context)
  onTestFinished(() => capability.dispose(service))
  cdn.store('/p/1', { 'surrogate-key': 'product:1' })
  cdn.store('/p/2', { 'surrogate-key': 'product:2' })
  cdn.store('https://shop.example/p/3', { 'surrogate-key': 'product:3' })

  events.emit('data.changed', { source: 'shop', tags: ['product:0'] })
  // Events are delivered after this turn.
  await new Promise((resolve) => setImmediate(resolve))
  ports.provide('purger', cdn.purger)
  events.emit('data.changed', { source: 'shop', tags: ['product:1'] })
  events.emit('purge.requested', { tags: ['product:2'], urls: ['https://shop.example/p/3'] })
  await waitFor(() => cdn.objects.size === 0)
  expect(cdn.calls.flatMap(({ names }) => names).sort()).toEqual([
    'https://shop.example/p/3',
    'product:1',
    'product:2',
  ])
  cdn.store('/p/4', {})
  events.emit('purge.requested', { all: true })
  await waitFor(() => cdn.objects.size === 0)
  expect(cdn.calls.at(-1)?.path).toBe('/all')
})
