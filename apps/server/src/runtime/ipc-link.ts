import {
  coreErrors,
  MillraceError,
  type Clock,
  type ComponentStatus,
  type Logger,
  type RuntimeLink,
  type ToControlPlane,
  type ToSupervisor,
} from '@millrace/core'

export const DEFAULT_CALL_TIMEOUT_MS = 30_000
/** Calls that may be under way at once; a supervisor that does not answer must not fill our memory. */
const MAX_PENDING = 1_000

type Result = Extract<ToControlPlane, { type: 'result' }>
type Components = Extract<ToControlPlane, { type: 'components' }>

export interface IpcLink extends RuntimeLink {
  receive(message: Result | Components): void
  /** Fails everything under way: the supervisor is gone. */
  close(reason: string): void
}

interface Pending {
  host: string
  method: string
  settle: (result: Result) => void
  fail: (error: Error) => void
}

/** The control plane's end of the channel to the supervisor. `send` throws or returns false when it is closed. */
export function createIpcLink(
  send: (message: ToSupervisor) => boolean,
  logger: Logger,
  clock: Clock,
): IpcLink {
  let nextId = 1
  let connected = true
  let components: readonly ComponentStatus[] = []
  const pending = new Map<number, Pending>()
  const listeners = new Set<(components: readonly ComponentStatus[]) => void>()

  const unavailable = (host: string, method: string, reason: string): MillraceError =>
    coreErrors.RUNTIME_UNAVAILABLE({ host, method, reason })

  const notify = (): void => {
    for (const listener of listeners) {
      try {
        listener(components)
      } catch (error) {
        logger.error({ err: error }, 'a listener for component changes failed')
      }
    }
  }

  return {
    get connected() {
      return connected
    },
    components: () => components,
    onChange: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    call: <Value>(host: string, method: string, params?: unknown, options: { timeoutMs?: number } = {}) => {
      if (!connected) return Promise.reject(unavailable(host, method, 'the channel is closed'))
      if (pending.size >= MAX_PENDING) {
        return Promise.reject(unavailable(host, method, `${MAX_PENDING} calls are under way already`))
      }
      const id = nextId++
      const timeoutMs = options.timeoutMs ?? DEFAULT_CALL_TIMEOUT_MS
      return new Promise<Value>((resolve, reject) => {
        const cancel = new AbortController()
        const done = (): void => {
          pending.delete(id)
          cancel.abort()
        }
        pending.set(id, {
          host,
          method,
          settle: (result) => {
            done()
            if (result.ok) resolve(result.value as Value)
            else reject(remoteError(result.error))
          },
          fail: (error) => {
            done()
            reject(error)
          },
        })
        clock.sleep(timeoutMs, cancel.signal).then(
          () => pending.get(id)?.fail(unavailable(host, method, `no answer within ${timeoutMs} ms`)),
          () => undefined,
        )
        try {
          // A full pipe also answers false, but delivers later: only a closed channel throws.
          send({ type: 'call', id, host, method, ...(params === undefined ? {} : { params }) })
        } catch (error) {
          pending.get(id)?.fail(unavailable(host, method, (error as Error).message))
        }
      })
    },
    receive: (message) => {
      if (message.type === 'result') {
        // An answer that came after its time-out has nobody waiting for it any more.
        pending.get(message.id)?.settle(message)
        return
      }
      components = message.components
      notify()
    },
    close: (reason) => {
      connected = false
      for (const { host, method, fail } of pending.values()) fail(unavailable(host, method, reason))
    },
  }
}

/** An error that crossed the channel, with its code and status; its stack stayed where it happened. */
function remoteError(error: Extract<Result, { ok: false }>['error']): MillraceError {
  return new MillraceError(error.message, {
    code: error.code,
    status: error.status,
    title: 'The supervisor refused',
    ...(error.expose === undefined ? {} : { expose: error.expose }),
    ...(error.details === undefined ? {} : { details: error.details }),
  })
}

/** For a control plane without a supervisor: nothing runs, every call says so. */
export const noRuntime: RuntimeLink = {
  connected: false,
  components: () => [],
  onChange: () => () => undefined,
  call: (host, method) =>
    Promise.reject(
      coreErrors.RUNTIME_UNAVAILABLE({ host, method, reason: 'this control plane runs without one' }),
    ),
}
