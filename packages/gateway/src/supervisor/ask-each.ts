import type { WorkerProcess } from './worker-process.ts'

/** Asks those that listen. One that dies meanwhile is not an error: its successor gets the present state. */
export async function askEach<Result>(
  workers: readonly WorkerProcess[],
  ask: (worker: WorkerProcess) => Promise<Result>,
): Promise<Result[]> {
  const answers = await Promise.all(
    workers
      .filter((worker) => worker.readySince !== undefined)
      .map(async (worker) => {
        try {
          return { value: await ask(worker) }
        } catch (error) {
          if (isEnding(worker)) return undefined
          throw error
        }
      }),
  )
  return answers.flatMap((answer) => (answer === undefined ? [] : [answer.value]))
}

/**
 * Tells workers a change, and resolves when those that listen have made it. One that was told the state before it and does not
 * listen yet makes the change before it does, and is not waited for: loading its cache takes time.
 */
export function tellEach<Result>(
  workers: readonly WorkerProcess[],
  tell: (worker: WorkerProcess) => Promise<Result>,
): Promise<Result[]> {
  for (const worker of workers)
    if (worker.initialised && worker.readySince === undefined) tell(worker).catch(() => undefined)
  return askEach(workers, tell)
}

/** What it held ends with it. */
export const isEnding = (worker: WorkerProcess): boolean =>
  worker.worker.isDead() || worker.failed || worker.stopping
