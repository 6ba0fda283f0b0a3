import { afterEach, describe, expect, it } from 'vitest'
import { createEventBus, silentLogger, type EventBus, type Logger } from '../../src/index.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const failures: unknown[] = []
const logger = { ...silentLogger, error: (facts: unknown) => void failures.push(facts) } as Logger
afterEach(() => void failures.splice(0))

const changed = (path: string): { path: string; actor: string } => ({ path, actor: 'somebody' })

describe('createEventBus', () => {
  it('delivers later, in order, to every listener of that name only', async () => {
    const bus: EventBus = createEventBus(logger)
    const seen: string[] = []
    bus.on('config.changed', ({ path }) => void seen.push(`1 ${path}`))
    bus.on('config.changed', ({ path }) => void seen.push(`2 ${path}`))
    bus.on('audit.recorded', () => void seen.push('wrong'))
    bus.emit('config.changed', changed('a'))
    bus.emit('config.changed', changed('b'))
    expect(seen).toEqual([])
    await turn()
    expect(seen).toEqual(['1 a', '2 a', '1 b', '2 b'])
  })

  it('logs a listener that fails, at once or later, and tells the others all the same', async () => {
    const bus = createEventBus(logger)
    const seen: string[] = []
    bus.on('config.changed', () => {
      throw new Error('at once')
    })
    bus.on('config.changed', () => Promise.reject(new Error('later')))
    bus.on('config.changed', ({ path }) => void seen.push(path))
    bus.emit('config.changed', changed('a'))
    await turn()
    expect(seen).toEqual(['a'])
    expect(failures).toMatchObject([
      { event: 'config.changed', err: { message: 'at once' } },
      { event: 'config.changed', err: { message: 'later' } },
    ])
  })

  it('stops when told, also the listener of everything', async () => {
    const bus = createEventBus(logger)
    const seen: string[] = []
    const stop = bus.on('config.changed', ({ path }) => void seen.push(path))
    const stopAny = bus.onAny((name) => void seen.push(name))
    bus.emit('config.changed', changed('a'))
    await turn()
    stop()
    stopAny()
    bus.emit('config.changed', changed('b'))
    await turn()
    expect(seen).toEqual(['a', 'config.changed'])
  })
})
