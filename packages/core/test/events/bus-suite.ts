import { waitFor } from '@millrace/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { silentLogger, type EventBus, type Logger } from '../../src/index.ts'

const failures: unknown[] = []
const logger = { ...silentLogger, error: (facts: unknown) => void failures.push(facts) } as Logger
const changed = (path: string): { path: string; actor: string } => ({ path, actor: 'somebody' })

/** What every event bus promises to the listeners of its own process. */
export function eventBusSuite(name: string, open: (logger: Logger) => EventBus | Promise<EventBus>): void {
  describe(`${name} as an event bus`, () => {
    afterEach(() => void failures.splice(0))

    it('delivers later, in order, to every listener of that name only, and says that it is from here', async () => {
      const bus = await open(logger)
      const seen: string[] = []
      bus.on('config.changed', ({ path }, { remote }) => void seen.push(`1 ${path} ${remote}`))
      bus.on('config.changed', ({ path }) => void seen.push(`2 ${path}`))
      bus.on('audit.recorded', () => void seen.push('wrong'))
      bus.emit('config.changed', changed('a'))
      bus.emit('config.changed', changed('b'))
      expect(seen).toEqual([])
      await waitFor(() => seen.length >= 4)
      expect(seen).toEqual(['1 a false', '2 a', '1 b false', '2 b'])
    })

    it('logs a listener that fails, at once or later, and tells the others all the same', async () => {
      const bus = await open(logger)
      const seen: string[] = []
      bus.on('config.changed', () => {
        throw new Error('at once')
      })
      bus.on('config.changed', () => Promise.reject(new Error('later')))
      bus.on('config.changed', ({ path }) => void seen.push(path))
      bus.emit('config.changed', changed('a'))
      await waitFor(() => failures.length === 2)
      expect(seen).toEqual(['a'])
      expect(failures).toMatchObject([
        { event: 'config.changed', err: { message: 'at once' } },
        { event: 'config.changed', err: { message: 'later' } },
      ])
    })

    it('stops when told, also the listener of everything', async () => {
      const bus = await open(logger)
      const seen: string[] = []
      const stop = bus.on('config.changed', ({ path }) => void seen.push(path))
      const stopAny = bus.onAny((event) => void seen.push(event))
      bus.emit('config.changed', changed('a'))
      await waitFor(() => seen.length === 2)
      stop()
      stopAny()
      let last = false
      bus.on('config.changed', () => void (last = true))
      bus.emit('config.changed', changed('b'))
      await waitFor(() => last)
      expect(seen).toEqual(['a', 'config.changed'])
    })

    it('takes an event that cannot be written down', async () => {
      const bus = await open(logger)
      const seen: unknown[] = []
      const circle: Record<string, unknown> = {}
      circle['self'] = circle
      bus.on('data.changed', (event) => void seen.push(event))
      bus.emit('data.changed', circle as never)
      await waitFor(() => seen.length === 1)
      expect(seen).toEqual([circle])
    })
  })
}
