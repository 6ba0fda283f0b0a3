import { z } from 'zod'
import type { AuditLog } from '../audit/audit-log.ts'
import type { App } from '../http/app.ts'
import { noContent, problemResponse } from '../http/openapi.ts'
import {
  createdTokenSchema,
  newTokenBody,
  newUserBody,
  tokenParams,
  tokenSchema,
  userChangeBody,
  userParams,
  userSchema,
} from './schema.ts'
import type { TokenStore } from './token-store.ts'
import type { UserStore } from './user-store.ts'

/** Users and API tokens; administrators only. Every change is audited, passwords and secrets never. */
export function accountRoutes(app: App, users: UserStore, tokens: TokenStore, audit: AuditLog): void {
  const config = { access: 'administrator' as const }

  app.get('/api/users', {
    config,
    schema: {
      tags: ['users'],
      summary: 'All users',
      response: { 200: z.object({ users: z.array(userSchema) }), ...problemResponse },
    },
    handler: async () => ({ users: await users.list() }),
  })

  app.post('/api/users', {
    config,
    schema: {
      tags: ['users'],
      summary: 'Add a user',
      body: newUserBody,
      response: { 201: userSchema, ...problemResponse },
    },
    handler: async (request, reply) => {
      const user = await users.create(request.body)
      await audit.record({ actor: request.actor, action: 'users.create', after: user, address: request.ip })
      void reply.code(201)
      return user
    },
  })

  app.patch('/api/users/:name', {
    config,
    schema: {
      tags: ['users'],
      summary: 'Change a user',
      description: 'Ends the user’s sessions. The last enabled administrator must remain one.',
      params: userParams,
      body: userChangeBody,
      response: { 200: userSchema, ...problemResponse },
    },
    handler: async (request) => {
      const { name } = request.params
      const before = (await users.list()).find((user) => user.name === name)
      const { password, ...visible } = request.body
      const after = await users.change(name, request.body)
      await audit.record({
        actor: request.actor,
        action: 'users.change',
        input: { name, ...visible, passwordChanged: password !== undefined },
        before,
        after,
        address: request.ip,
      })
      return after
    },
  })

  app.delete('/api/users/:name', {
    config,
    schema: {
      tags: ['users'],
      summary: 'Remove a user',
      params: userParams,
      response: { 204: noContent, ...problemResponse },
    },
    handler: async (request, reply) => {
      const { name } = request.params
      const before = (await users.list()).find((user) => user.name === name)
      await users.remove(name)
      await audit.record({ actor: request.actor, action: 'users.remove', before, address: request.ip })
      void reply.code(204)
    },
  })

  app.get('/api/tokens', {
    config,
    schema: {
      tags: ['tokens'],
      summary: 'All API tokens',
      response: { 200: z.object({ tokens: z.array(tokenSchema) }), ...problemResponse },
    },
    handler: async () => ({ tokens: await tokens.list() }),
  })

  app.post('/api/tokens', {
    config,
    schema: {
      tags: ['tokens'],
      summary: 'Create an API token',
      description: 'The token itself is in this answer and nowhere else.',
      body: newTokenBody,
      response: { 201: createdTokenSchema, ...problemResponse },
    },
    handler: async (request, reply) => {
      const created = await tokens.create({ ...request.body, createdBy: request.actor.name })
      const { token: _secret, ...visible } = created
      await audit.record({
        actor: request.actor,
        action: 'tokens.create',
        after: visible,
        address: request.ip,
      })
      void reply.code(201)
      return created
    },
  })

  app.delete('/api/tokens/:id', {
    config,
    schema: {
      tags: ['tokens'],
      summary: 'Revoke an API token',
      params: tokenParams,
      response: { 204: noContent, ...problemResponse },
    },
    handler: async (request, reply) => {
      const before = await tokens.revoke(request.params.id)
      await audit.record({ actor: request.actor, action: 'tokens.revoke', before, address: request.ip })
      void reply.code(204)
    },
  })
}
