import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { once } from 'node:events'
import type { JobCounts, JobQueue } from '@millrace/core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { chaosProxy } from '../network/chaos-proxy.ts'
import { waitFor } from '../wait/wait-for.ts'

/** What the suite needs of a driver of the job queue, with a real server behind it. */
export interface JobQueueDriver {
  /** Of the server, on loopback. */
  readonly port: number
  /** A queue on the server, through that port when it is another one. */
  open(port?: number): Promise<JobQueue>
  /** Ends the server with SIGKILL and has it back when it resolves. */
  crash(): Promise<void>
  /** The schedules that the server holds. */
  schedules(): Promise<{ name: string; cron: string; data: unknown }[]>
  /**
   * A process that handles `test.load`, waits 5 ms in each job, and then writes its `n` and a line feed to standard
   * output.
   */
  worker: {
    start(): ChildProcess
    /** How many jobs there are, how often a worker is killed, and after how many jobs each time. */
    jobs: number
    kills: number
    killAfter: number
    /** How long it takes at most until the job of a killed worker is tried again. */
    foundAfterMs: number
  }
  close(): Promise<void>
}

/** The promises of `JobQueue`. Registers tests: call it at the top level of a test file. */
export function jobQueueSuite(name: string, make: () => Promise<JobQueueDriver>): void {
  describe(`${name} as a job queue`, () => {
    let driver: JobQueueDriver
    const opened: JobQueue[] = []
    beforeAll(async () => {
      driver = await make()
    })
    afterAll(() => driver.close())
    afterEach(() => Promise.all(opened.splice(0).map((queue) => queue.stop({ deadlineMs: 1_000 }))))

    const queue = async (port?: number): Promise<JobQueue> => {
      const made = await driver.open(port)
      opened.push(made)
      return made
    }
    const countsOf = async (jobs: JobQueue, of: string): Promise<Omit<JobCounts, 'queue'> | undefined> => {
      const found = (await jobs.counts()).find((counts) => counts.queue === of)
      return found && { waiting: found.waiting, active: found.active, failed: found.failed }
    }

    it('runs a job with its data, soon after it was enqueued', async () => {
      const jobs = await queue()
      const seen: unknown[] = []
      await jobs.handle<{ n: number }>('test.run', async (data, { id, signal }) => {
        seen.push([data.n, id, signal.aborted])
      })
      const start = performance.now()
      const id = await jobs.enqueue('test.run', { n: 7 })
      await waitFor(() => seen.length === 1)
      expect(seen).toEqual([[7, id, false]])
      expect(performance.now() - start).toBeLessThan(1_500)
      await waitFor(async () => (await countsOf(jobs, 'test.run'))?.active === 0)
    })

    it('refuses data that cannot be stored, and does not repeat a job because of its result', async () => {
      const jobs = await queue()
      const circle: Record<string, unknown> = {}
      circle['self'] = circle
      for (const data of [{ text: 'a\u0000b' }, { n: 1n }, circle, { half: '\ud800' }]) {
        await expect(jobs.enqueue('test.stored', data)).rejects.toMatchObject({
          code: 'CORE_JOB_INVALID',
          details: { field: 'data' },
        })
      }
      const seen: unknown[] = []
      await jobs.handle('test.stored', async (data) => {
        seen.push(data)
        return 'a\u0000b'
      })
      const fine = { text: 'a literal \\u0000, 💥' }
      await jobs.enqueue('test.stored', fine)
      await waitFor(() => seen.length > 0)
      await waitFor(async () => (await countsOf(jobs, 'test.stored'))?.active === 0)
      expect(await countsOf(jobs, 'test.stored')).toEqual({ waiting: 0, active: 0, failed: 0 })
      expect(seen).toEqual([fine])
    })

    it('keeps jobs for a handler that comes later, in another process', async () => {
      const sender = await queue()
      await sender.enqueue('test.later', { a: 1 })
      expect(await countsOf(sender, 'test.later')).toEqual({ waiting: 1, active: 0, failed: 0 })
      const receiver = await queue()
      const seen: object[] = []
      await receiver.handle('test.later', async (data) => seen.push(data))
      await waitFor(() => seen.length === 1)
      expect(seen).toEqual([{ a: 1 }])
    })

    it('drops a second job of a key while the first waits or runs, and only then', async () => {
      const jobs = await queue()
      const singletonKey = 'user/Ünïcode key:1'
      let release = (): void => undefined
      let runs = 0
      expect(await jobs.enqueue('test.single', {}, { singletonKey })).toEqual(expect.any(String))
      expect(await jobs.enqueue('test.single', {}, { singletonKey })).toBeNull()
      expect(await jobs.enqueue('test.single', {}, { singletonKey: 'other', delayMs: 60_000 })).not.toBeNull()
      expect(await jobs.enqueue('test.single', {}, { delayMs: 60_000 })).not.toBeNull()
      expect(await jobs.enqueue('test.single', {}, { delayMs: 60_000 })).not.toBeNull()
      await jobs.handle('test.single', () => {
        runs++
        return new Promise<void>((resolve) => void (release = resolve))
      })
      await waitFor(() => runs === 1)
      expect(await jobs.enqueue('test.single', {}, { singletonKey })).toBeNull()
      release()
      await waitFor(async () => (await countsOf(jobs, 'test.single'))?.active === 0)
      expect(await jobs.enqueue('test.single', {}, { singletonKey })).not.toBeNull()
      await waitFor(() => runs === 2)
      release()
    })

    it('retries with backoff, and shows a dead job in its counts', async () => {
      const jobs = await queue()
      const at: number[] = []
      await jobs.handle('test.fail', async () => {
        at.push(performance.now())
        throw new Error('always')
      })
      await jobs.enqueue('test.fail', {}, { retries: 2 })
      await waitFor(async () => (await countsOf(jobs, 'test.fail'))?.failed === 1, { deadlineMs: 20_000 })
      expect(at).toHaveLength(3)
      expect(at[1]! - at[0]!).toBeGreaterThan(400)
      expect(at[2]! - at[1]!).toBeGreaterThan(900)
      expect(await countsOf(jobs, 'test.fail')).toEqual({ waiting: 0, active: 0, failed: 1 })
    })

    it('aborts a job that runs longer than its timeout', async () => {
      const jobs = await queue()
      let aborted = false
      await jobs.handle('test.slow', (_data, { signal }) => {
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            aborted = true
            reject(new Error('aborted'))
          })
        })
      })
      await jobs.enqueue('test.slow', {}, { timeoutMs: 1_000, retries: 0 })
      await waitFor(async () => (await countsOf(jobs, 'test.slow'))?.failed === 1)
      expect(aborted).toBe(true)
    })

    it('lets a later handler or schedule take the place of the earlier', async () => {
      const jobs = await queue()
      const seen: string[] = []
      await jobs.handle('test.once', async () => void seen.push('first'))
      await jobs.handle('test.once', async () => void seen.push('second'))
      await jobs.enqueue('test.once', {})
      await waitFor(() => seen.length > 0)
      expect(seen).toEqual(['second'])
      await jobs.schedule('test.once', '*/5 * * * *', { a: 1 })
      await jobs.schedule('test.once', '0 3 * * *', { a: 2 })
      expect(await driver.schedules()).toEqual([{ name: 'test.once', cron: '0 3 * * *', data: { a: 2 } }])
      // What is to run some day is not waiting.
      expect(await countsOf(jobs, 'test.once')).toEqual({ waiting: 0, active: 0, failed: 0 })
      for (const cron of ['not a cron', '0 3 * *', '61 3 * * *']) {
        await expect(jobs.schedule('test.once', cron)).rejects.toMatchObject({ code: 'CORE_JOB_INVALID' })
      }
      await expect(jobs.enqueue('nameless', {})).rejects.toThrow('must be <capability>.<job>')
    })

    it('waits for a running handler when it stops', async () => {
      const jobs = await queue()
      let finished = false
      let release: (() => void) | undefined
      await jobs.handle('test.stop', async () => {
        await new Promise<void>((resolve) => void (release = resolve))
        finished = true
      })
      await jobs.enqueue('test.stop', {})
      await waitFor(() => release)
      const stopped = jobs.stop({ deadlineMs: 5_000 })
      release?.()
      await stopped
      expect(finished).toBe(true)
      const other = await queue()
      expect(await countsOf(other, 'test.stop')).toEqual({ waiting: 0, active: 0, failed: 0 })
    })

    it('goes on after an outage of the network, and says so meanwhile', async () => {
      await using proxy = await chaosProxy({ target: driver.port })
      const jobs = await queue(proxy.port)
      const seen: number[] = []
      await jobs.handle<{ n: number }>('test.outage', async ({ n }) => void seen.push(n))
      await jobs.enqueue('test.outage', { n: 1 })
      await waitFor(() => seen.length === 1)
      await waitFor(async () => (await countsOf(jobs, 'test.outage'))?.active === 0)
      proxy.refuse(true)
      proxy.reset()
      await expect(jobs.enqueue('test.outage', { n: 0 })).rejects.toMatchObject({
        code: 'CORE_JOBS_UNAVAILABLE',
        status: 503,
      })
      await expect(jobs.counts()).rejects.toMatchObject({ code: 'CORE_JOBS_UNAVAILABLE' })
      proxy.restore()
      await waitFor(() => jobs.enqueue('test.outage', { n: 2 }))
      await waitFor(() => seen.length === 2, { deadlineMs: 20_000 })
      expect(seen).toEqual([1, 2])
      await jobs.stop({ deadlineMs: 1_000 })
    })

    it('neither hangs nor fails to stop when the server stops answering', async () => {
      await using proxy = await chaosProxy({ target: driver.port })
      const jobs = await queue(proxy.port)
      await jobs.enqueue('test.silent', {})
      proxy.blackhole(true)
      await expect(jobs.enqueue('test.silent', {})).rejects.toMatchObject({ code: 'CORE_JOBS_UNAVAILABLE' })
      const start = performance.now()
      await jobs.stop({ deadlineMs: 1_000 })
      expect(performance.now() - start).toBeLessThan(5_000)
    })

    it('loses no job when the server is killed', async () => {
      const jobs = await queue()
      await jobs.enqueue('test.crash', { n: 1 })
      await driver.crash()
      const seen: number[] = []
      await waitFor(
        () => jobs.handle<{ n: number }>('test.crash', async ({ n }) => seen.push(n)).then(() => true),
        { deadlineMs: 20_000, intervalMs: 100 },
      )
      await waitFor(() => seen.length === 1, { deadlineMs: 20_000 })
      expect(seen).toEqual([1])
    })

    it('loses no job when workers are killed under load', { timeout: 120_000 }, async () => {
      const jobs = await queue()
      const { jobs: total, kills, killAfter, foundAfterMs } = driver.worker
      const done = new Set<number>()
      const numbers = Array.from({ length: total }, (_, n) => n)
      await Promise.all(numbers.map((n) => jobs.enqueue('test.load', { n })))
      const work = (): ChildProcess => {
        const worker = driver.worker.start()
        createInterface({ input: worker.stdout! }).on('line', (line) => void done.add(Number(line)))
        return worker
      }
      for (let kill = 0; kill < kills; kill++) {
        const before = done.size
        const worker = work()
        await waitFor(() => done.size >= before + killAfter, { deadlineMs: 20_000 })
        worker.kill('SIGKILL')
        await once(worker, 'exit')
      }
      const last = work()
      try {
        await waitFor(() => done.size === total, { deadlineMs: 20_000 + foundAfterMs })
        await waitFor(async () => (await countsOf(jobs, 'test.load'))?.active === 0)
        expect(await countsOf(jobs, 'test.load')).toEqual({ waiting: 0, active: 0, failed: 0 })
      } finally {
        last.kill('SIGKILL')
        await once(last, 'exit')
      }
    })
  })
}
