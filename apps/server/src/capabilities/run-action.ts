import { redactConfig, type Action, type Actor, type Clock, type Logger, type Role } from '@millrace/core'
import { z } from 'zod'
import { audited, type AuditedOutcome } from '../audit/audited.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import { serverErrors } from '../errors.ts'
import type { Access } from '../http/access.ts'
import { inputInvalid } from '../http/problem-reply.ts'
import { within } from '../http/within.ts'
import type { Mounts } from './mounts.ts'

/** An action that runs longer is aborted: a rolling restart of many instances takes minutes, nothing takes hours. */
export const ACTION_TIMEOUT_MS = 15 * 60_000
/** For `overview()` around a change: what it looked like is worth a moment, not more. */
const SNAPSHOT_LIMIT_MS = 2_000
/** Progress is told at most this often per run. */
const PROGRESS_INTERVAL_MS = 200

const ROLE_OF_EFFECT: Readonly<Record<Action['effect'], Role>> = {
  read: 'viewer',
  write: 'operator',
  destructive: 'administrator',
}

/** Who may run an action. What changes something is never for everybody, whatever its author said. */
export const accessOf = ({ anonymous, effect }: Pick<Action, 'anonymous' | 'effect'>): Access =>
  anonymous === true && effect === 'read' ? 'public' : ROLE_OF_EFFECT[effect]

declare module '@millrace/core' {
  interface EventMap {
    'action.progress': {
      capability: string
      action: string
      runId: string
      fraction: number
      message?: string
    }
  }
}

export interface ActionCall {
  capability: string
  action: string
  input: unknown
  actor: Actor
  address: string
  /** Names the run in `action.progress`. */
  runId: string
  /** The client's connection. Only reading stops when it closes: a change is not left half done. */
  signal: AbortSignal
}

export type ActionOutcome = AuditedOutcome<unknown>

export interface ActionRunner {
  /**
   * Runs an action with validated input and output, audited unless it only reads. Throws SERVER_ACTION_UNKNOWN,
   * SERVER_INPUT_INVALID, CAPABILITY_MISSING, CAPABILITY_FAILED, and whatever the action itself throws.
   */
  run(call: ActionCall): Promise<ActionOutcome>
}

export interface ActionRunnerOptions {
  mounts: Mounts
  audit: AuditLog
  /** Receives `action.progress`. */
  onProgress(event: {
    capability: string
    action: string
    runId: string
    fraction: number
    message?: string
  }): void
  clock: Clock
  logger: Logger
  /** Aborts when the control plane stops. */
  stopping: AbortSignal
}

export function createActionRunner(options: ActionRunnerOptions): ActionRunner {
  const { mounts, clock } = options

  const snapshot = async (name: string, service: unknown): Promise<unknown> => {
    const capability = mounts.find(name)
    if (capability?.overview === undefined) return undefined
    return within(capability.overview(service as never), SNAPSHOT_LIMIT_MS, 'The overview', clock).catch(
      () => undefined,
    )
  }

  const progressOf = (call: ActionCall) => {
    let last = -Infinity
    return (fraction: number, message?: string): void => {
      const now = clock.monotonic()
      if (now - last < PROGRESS_INTERVAL_MS && fraction < 1) return
      last = now
      options.onProgress({
        capability: call.capability,
        action: call.action,
        runId: call.runId,
        fraction: Math.min(1, Math.max(0, fraction)),
        ...(message === undefined ? {} : { message }),
      })
    }
  }

  const execute = async (
    action: Action<unknown>,
    service: unknown,
    input: unknown,
    call: ActionCall,
  ): Promise<unknown> => {
    const timeout = new AbortController()
    const signals = [options.stopping, timeout.signal]
    if (action.effect === 'read') signals.push(call.signal)
    const source = `${call.capability}.${call.action}`
    const raw = await within(
      action.run(service, input, {
        actor: call.actor,
        logger: options.logger.child({ capability: call.capability, action: call.action }),
        signal: AbortSignal.any(signals),
        progress: progressOf(call),
      }),
      ACTION_TIMEOUT_MS,
      source,
      clock,
      () => timeout.abort(),
    )
    const output = action.output.safeParse(raw)
    if (output.success) return output.data
    throw serverErrors.OUTPUT_INVALID({ source, problem: z.prettifyError(output.error) })
  }

  return {
    run: async (call) => {
      const { capability: name, action: actionName, actor, address } = call
      const service = mounts.service(name, `The action '${actionName}'`)
      const actions = (mounts.find(name)?.actions ?? {}) as Record<string, Action<unknown>>
      const action = Object.hasOwn(actions, actionName) ? actions[actionName] : undefined
      if (action === undefined) {
        throw serverErrors.ACTION_UNKNOWN({
          capability: name,
          action: actionName,
          accepted: Object.keys(actions),
        })
      }
      const input = action.input.safeParse(call.input ?? {})
      if (!input.success) throw inputInvalid(input.error)

      const run = (): Promise<unknown> => execute(action, service, input.data, call)
      if (action.effect === 'read') {
        const startedAt = clock.monotonic()
        return { result: await run(), durationMs: clock.monotonic() - startedAt }
      }
      const record = {
        actor,
        action: `${name}.${actionName}`,
        input: redactConfig(action.input, input.data),
        address,
        before: await snapshot(name, service),
      }
      return audited(options, record, run, async (result) => ({
        output: redactConfig(action.output, result),
        after: await snapshot(name, service),
      }))
    },
  }
}
