import type { z } from 'zod'
import type { Logger } from '../logger/logger.ts'

/**
 * What an action does to the world. It decides the role it needs (read: viewer, write: operator,
 * destructive: administrator), the confirmation the panel asks for, and whether it is audited.
 */
export type Effect = 'read' | 'write' | 'destructive'

/** Who asked, for the audit log. */
export interface Actor {
  kind: 'user' | 'token' | 'system' | 'anonymous'
  name: string
  role: Role
}

export const ROLES = ['viewer', 'operator', 'administrator'] as const
export type Role = (typeof ROLES)[number]

export interface ActionContext {
  actor: Actor
  logger: Logger
  signal: AbortSignal
  /** Reports progress of long work; `fraction` is 0–1. Shown by the CLI and the panel. */
  progress(fraction: number, message?: string): void
}

export interface Action<
  Service = never,
  Input extends z.ZodType = z.ZodType,
  Output extends z.ZodType = z.ZodType,
> {
  title: string
  /** One sentence for the reference page and the confirmation dialog. */
  description: string
  effect: Effect
  input: Input
  output: Output
  /**
   * Answered without signing in. Only for reading what is public anyway (an optimised image's address).
   * Default false.
   */
  anonymous?: boolean
  run(service: Service, input: z.output<Input>, context: ActionContext): Promise<z.input<Output>>
  /** Reverts a run, from its input and output; what makes an action eligible for the measured loop. */
  undo?(
    service: Service,
    input: z.output<Input>,
    output: z.output<Output>,
    context: ActionContext,
  ): Promise<void>
}

/** Keeps the literal types of input and output; otherwise the identity. */
export function defineAction<Service, Input extends z.ZodType, Output extends z.ZodType>(
  action: Action<Service, Input, Output>,
): Action<Service, Input, Output> {
  return action
}
