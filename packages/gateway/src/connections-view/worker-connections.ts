import { gatewayErrors } from '../errors.ts'
import { askEach } from '../supervisor/ask-each.ts'
import type { WorkerProcess } from '../supervisor/worker-process.ts'
import type { OpenConnections } from './model.ts'

/** Of all workers; `limit` is for each. Ids begin with the worker's number. */
export async function workerConnections(
  workers: readonly WorkerProcess[],
  limit: number,
): Promise<OpenConnections> {
  const answers = await askEach(workers, async (worker) => ({
    worker: worker.number,
    open: await worker.call<OpenConnections>({ name: 'connections', params: { limit } }),
  }))
  return {
    total: answers.reduce((sum, { open }) => sum + open.total, 0),
    connections: answers.flatMap(({ worker, open }) =>
      open.connections.map((connection) => ({ ...connection, id: `${worker}/${connection.id}`, worker })),
    ),
  }
}

/** Rejects with GATEWAY_CONNECTION_UNKNOWN. */
export async function disconnectAtWorker(workers: readonly WorkerProcess[], id: string): Promise<void> {
  const [, number, own] = /^(\d+)\/(.+)$/.exec(id) ?? []
  const worker = workers.find((one) => String(one.number) === number)
  if (worker === undefined || own === undefined) throw gatewayErrors.CONNECTION_UNKNOWN({ connection: id })
  await worker.call({ name: 'disconnect', params: { id: own } })
}
