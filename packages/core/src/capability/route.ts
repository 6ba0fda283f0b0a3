import type { z } from 'zod'
import type { Actor, Role } from './action.ts'

export interface RouteRequest<Params, Query> {
  params: Params
  query: Query
  actor: Actor
  signal: AbortSignal
}

/** A read model for a screen, mounted at `GET /api/<capability><path>`. Changes go through actions. */
export interface Route<
  Service = never,
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Response extends z.ZodType = z.ZodType,
> {
  /** Starts with `/`; parameters as `:name`. */
  path: string
  summary: string
  /** The least role that may read it. Default `viewer`. */
  role?: Role
  params?: Params
  query?: Query
  response: Response
  handler(
    service: Service,
    request: RouteRequest<z.output<Params>, z.output<Query>>,
  ): Promise<z.input<Response>>
}

export function defineRoute<
  Service,
  Params extends z.ZodType,
  Query extends z.ZodType,
  Response extends z.ZodType,
>(route: Route<Service, Params, Query, Response>): Route<Service, Params, Query, Response> {
  return route
}
