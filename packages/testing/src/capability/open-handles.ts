import { AsyncLocalStorage, createHook } from 'node:async_hooks'

// What unclosed servers, connections, children, watchers and timers are called in async_hooks.
const KINDS = new Set([
  'TCPSERVERWRAP',
  'TCPWRAP',
  'TLSWRAP',
  'UDPWRAP',
  'PIPESERVERWRAP',
  'PIPEWRAP',
  'PROCESSWRAP',
  'FSEVENTWRAP',
  'STATWATCHER',
  'WORKER',
  'Timeout',
])

export interface HandleWatch {
  /** Runs work of which every handle is remembered, with all that it starts. */
  run<Result>(work: () => Result): Result
  /** Of the handles made within `run`: those that still keep the process alive, with where they were made. */
  left(): string[]
  /** Ends the watching. */
  stop(): void
}

interface Handle {
  kind: string
  resource: WeakRef<{ hasRef?: () => boolean }>
  stack: string
}

/** Finds what a piece of code leaves open, and only that: other work in the process does not count. */
export function watchHandles(): HandleWatch {
  const inside = new AsyncLocalStorage<true>()
  const open = new Map<number, Handle>()
  const hook = createHook({
    init(id, kind, _trigger, resource) {
      if (!KINDS.has(kind) || inside.getStore() !== true) return
      open.set(id, { kind, resource: new WeakRef(resource), stack: deepStack() })
    },
    destroy: (id) => void open.delete(id),
  }).enable()
  return {
    run: (work) => inside.run(true, work),
    left: () =>
      [...open.values()]
        .filter(({ resource }) => keepsAlive(resource.deref()))
        .map(({ kind, stack }) => `${kind} made ${placeIn(stack)}`),
    stop: () => {
      hook.disable()
      inside.disable()
    },
  }
}

// Collected, or unref'd: the process ends in spite of it.
const keepsAlive = (resource: { hasRef?: () => boolean } | undefined): boolean =>
  resource !== undefined && resource.hasRef?.() !== false

/** Node’s own frames alone may be more than the ten that are kept by default. */
function deepStack(): string {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 50
  const { stack = '' } = new Error('made here')
  Error.stackTraceLimit = stackTraceLimit
  return stack
}

/**
 * The innermost frame of code that is neither Node's nor a dependency's nor this file's; Node's own when it acted later
 * (`listen` looks its host up first).
 */
function placeIn(stack: string): string {
  const frames = stack.split('\n').slice(1)
  const own = frames.find((frame) => !/node:|node_modules|open-handles\.ts/.test(frame))
  return (own ?? frames.find((frame) => !/async_hooks|open-handles\.ts/.test(frame)) ?? '').trim()
}
