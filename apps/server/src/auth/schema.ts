import { ROLES } from '@millrace/core'
import { z } from 'zod'
import { timestamp } from '../http/schema.ts'

export const role = z
  .enum(ROLES)
  .describe('viewer reads, operator changes, administrator destroys and manages users.')

/** Counted in characters; the upper bound keeps hashing cheap. */
export const PASSWORD_MIN = 12
export const PASSWORD_MAX = 256

const userName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._@-]{0,63}$/, 'up to 64 lower-case letters, digits and . _ @ -')
const newPassword = z.string().min(PASSWORD_MIN).max(PASSWORD_MAX)

export const userParams = z.object({ name: userName })

// Deliberately looser than `userName`: a name that cannot exist must be answered as a wrong password is.
export const loginBody = z.strictObject({
  username: z.string().min(1).max(256),
  password: z.string().min(1).max(PASSWORD_MAX),
})

export const sessionSchema = z
  .object({
    user: z.object({ name: z.string(), role }),
    csrfToken: z
      .string()
      .optional()
      .describe('To be sent as `x-csrf-token` with every change. Absent when a bearer token was used.'),
    expiresAt: timestamp.optional(),
  })
  .meta({ id: 'Session' })

export const userSchema = z
  .object({
    name: z.string(),
    role,
    disabled: z.boolean(),
    createdAt: timestamp,
    lastLoginAt: timestamp.nullable(),
  })
  .meta({ id: 'User' })

export const newUserBody = z.strictObject({ name: userName, password: newPassword, role })
export const userChangeBody = z
  .strictObject({ role: role.optional(), disabled: z.boolean().optional(), password: newPassword.optional() })
  .refine((change) => Object.keys(change).length > 0, {
    message: 'set at least one of role, disabled, password',
  })
export const passwordBody = z.strictObject({
  currentPassword: z.string().min(1).max(PASSWORD_MAX),
  newPassword,
})

export const tokenSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    role,
    createdBy: z.string(),
    createdAt: timestamp,
    expiresAt: timestamp.nullable(),
    lastUsedAt: timestamp.nullable(),
  })
  .meta({ id: 'ApiToken' })

export const newTokenBody = z.strictObject({
  name: z.string().trim().min(1).max(100),
  role,
  expiresInDays: z.number().positive().max(3_650).optional().describe('Default: never expires.'),
})
export const createdTokenSchema = z.object({
  ...tokenSchema.shape,
  token: z.string().describe('Shown this once; only its hash is stored.'),
})
export const tokenParams = z.object({ id: z.uuid() })
