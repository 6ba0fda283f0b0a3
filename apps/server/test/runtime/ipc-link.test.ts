import { silentLogger, type ToSupervisor } from '@millrace/core'
import { fakeClock } from '@millrace/testing'
import { expect, test } from 'vitest'
import { createIpcLink, DEFAULT_CALL_TIMEOUT_MS, noRuntime } from '../../src/runtime/ipc-link.ts'

function linked() {
  const clock = fakeClock()
  const sent: ToSupervisor[] = []
  const link = createIpcLink((message) => sent.push(message) > 0, silentLogger, clock)
  return { clock, sent, link }
}

test('an answer finds its call by id, in any order', async () => {
  const { link, sent } = linked()
  const first = link.call('scaling', 'scale', { pool: 'shop' })
  const second = link.call('scaling', 'pools')
  expect(sent).toEqual([
    { type: 'call', id: 1, host: 'scaling', method: 'scale', params: { pool: 'shop' } },
    { type: 'call', id: 2, host: 'scaling', method: 'pools' },
  ])
  link.receive({ type: 'result', id: 2, ok: true, value: ['shop'] })
  link.receive({ type: 'result', id: 1, ok: true, value: 'done' })
  expect(await first).toBe('done')
  expect(await second).toEqual(['shop'])
})

test('an error keeps its code, status and details', async () => {
  const { link } = linked()
  const call = link.call('scaling', 'scale')
  link.receive({
    type: 'result',
    id: 1,
    ok: false,
    error: { code: 'SCALING_OUT_OF_RANGE', status: 400, message: 'at most 8', details: { max: 8 } },
  })
  await expect(call).rejects.toMatchObject({ code: 'SCALING_OUT_OF_RANGE', status: 400, details: { max: 8 } })
})

test('an error above 500 says what is wrong where the supervisor lets it', async () => {
  const { link } = linked()
  const calls = [link.call('gateway', 'explain'), link.call('gateway', 'explain')]
  const error = { code: 'GATEWAY_HAPROXY_LACKS', status: 501, message: 'no way of it' }
  link.receive({ type: 'result', id: 1, ok: false, error: { ...error, expose: true } })
  link.receive({ type: 'result', id: 2, ok: false, error })
  await expect(calls[0]).rejects.toMatchObject({ expose: true })
  await expect(calls[1]).rejects.toMatchObject({ expose: false })
})

test('a call without an answer ends after its time-out, and a late answer is nobody’s', async () => {
  const { link, clock } = linked()
  const call = link.call('gateway', 'stats')
  const [outcome] = await Promise.all([
    call.catch((error: unknown) => error),
    clock.advance(DEFAULT_CALL_TIMEOUT_MS),
  ])
  expect(outcome).toMatchObject({ code: 'CORE_RUNTIME_UNAVAILABLE', status: 503 })
  link.receive({ type: 'result', id: 1, ok: true, value: 'late' })
  expect(clock.pending).toBe(0)
})

test('closing fails what is under way and everything after it', async () => {
  const { link } = linked()
  const call = link.call('gateway', 'stats')
  link.close('gone')
  await expect(call).rejects.toMatchObject({ code: 'CORE_RUNTIME_UNAVAILABLE' })
  await expect(link.call('gateway', 'stats')).rejects.toMatchObject({ code: 'CORE_RUNTIME_UNAVAILABLE' })
  expect(link.connected).toBe(false)
})

test('a channel that throws fails the call', async () => {
  const link = createIpcLink(
    () => {
      throw new Error('channel closed')
    },
    silentLogger,
    fakeClock(),
  )
  await expect(link.call('a', 'b')).rejects.toThrow(/channel closed/)
})

test('listeners hear of components until they stop listening, and one that throws disturbs no other', () => {
  const { link } = linked()
  const seen: number[] = []
  link.onChange(() => {
    throw new Error('mine')
  })
  const stop = link.onChange((components) => seen.push(components.length))
  const components = [{ id: 'shop/1', kind: 'instance' as const, state: 'ready' as const, restarts: 0 }]
  link.receive({ type: 'components', components })
  stop()
  link.receive({ type: 'components', components: [] })
  expect(seen).toEqual([1])
  expect(link.components()).toEqual([])
})

test('without a supervisor every call says so', async () => {
  expect(noRuntime.connected).toBe(false)
  await expect(noRuntime.call('a', 'b')).rejects.toMatchObject({ code: 'CORE_RUNTIME_UNAVAILABLE' })
})
