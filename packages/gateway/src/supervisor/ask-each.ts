import type { WorkerProcess } from './worker-process.ts'

/**
 * Asks workers that have been told the state of the moment, which those must follow that do not listen yet. One that dies
 * meanwhile is not an error: its successor gets the present state.
 */
export async function askEach<Result>(
  workers: readonly WorkerProcess[],
  ask: (worker: WorkerProcess) => Promise<Result>,
): Promise<Result[]> {
  const answers = await Promise.all(
    workers
      .filter((worker) => worker.initialised && !worker.stopping)
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

/** What it held ends with it. */
export const isEnding = (worker: WorkerProcess): boolean =>
  worker.worker.isDead() || worker.failed || worker.stopping
