import { ROLES, type Actor, type Role } from '@millrace/core'

/**
 * Who may call a route. Every route under `/api` must say it: one that forgets is refused at start.
 * `public`: anybody. `telemetry`: holders of the telemetry token. A role: that one and those above it.
 */
export type Access = 'public' | 'telemetry' | Role

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
    /** A POST that only reads, which `server.anonymousRead` therefore opens too. */
    readOnly?: boolean
  }
  interface FastifyRequest {
    actor: Actor
    /** Set when a session cookie authenticated the request; CSRF is then checked. */
    session: SessionIdentity | null
  }
}

export interface SessionIdentity {
  user: { name: string; role: Role }
  csrfToken: string
  expiresAt: number
}

export const ANONYMOUS: Actor = { kind: 'anonymous', name: 'anonymous', role: 'viewer' }

export const covers = (role: Role, required: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(required)
