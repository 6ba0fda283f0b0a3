import cluster from 'node:cluster'
import { isMainThread, threadId } from 'node:worker_threads'

const OWNER = 'MILLRACE_AGENT_OWNER'

/**
 * Two processes under one name would overwrite each other's gauges: cluster workers, worker threads and forked
 * children of an instance therefore report under its name with a suffix.
 */
export function instanceName(base: string): string {
  if (!isMainThread) return `${base}#thread-${threadId}`
  if (cluster.worker !== undefined) return `${base}#worker-${cluster.worker.id}`
  const owner = process.env[OWNER]
  return owner === undefined || owner === String(process.pid) ? base : `${base}#child-${process.pid}`
}

/** Marks this process as the one under the plain name, for the descendants that inherit its environment. */
export function claimInstanceName(): void {
  process.env[OWNER] ??= String(process.pid)
}
