import type { JsonSchema } from '../../forms/json-schema.ts'

/** As the control plane checks them; it checks again. */
const PASSWORD: JsonSchema = { type: 'string', format: 'password', minLength: 12, maxLength: 256 }

const ROLE: JsonSchema = {
  type: 'string',
  title: 'Role',
  enum: ['viewer', 'operator', 'administrator'],
  description: 'A viewer reads, an operator changes, an administrator also destroys and manages users.',
}

export const NEW_USER: JsonSchema = {
  type: 'object',
  required: ['name', 'password', 'role'],
  properties: {
    name: {
      type: 'string',
      title: 'User name',
      pattern: '^[a-z0-9][a-z0-9._@\\-]{0,63}$',
      description: 'Lower-case letters, digits and . _ @ -',
    },
    role: ROLE,
    password: { ...PASSWORD, title: 'Password', description: 'At least 12 characters.' },
  },
}

export const CHANGED_USER: JsonSchema = {
  type: 'object',
  properties: {
    role: ROLE,
    disabled: { type: 'boolean', title: 'Disabled', description: 'Cannot sign in; nothing is forgotten.' },
    password: { ...PASSWORD, title: 'New password', description: 'Empty: stays as it is.' },
  },
  required: ['role'],
}

export const OWN_PASSWORD: JsonSchema = {
  type: 'object',
  required: ['currentPassword', 'newPassword'],
  properties: {
    currentPassword: { type: 'string', format: 'current-password', title: 'Current password', minLength: 1 },
    newPassword: { ...PASSWORD, title: 'New password', description: 'At least 12 characters.' },
  },
}

export const NEW_TOKEN: JsonSchema = {
  type: 'object',
  required: ['name', 'role'],
  properties: {
    name: {
      type: 'string',
      title: 'Name',
      minLength: 1,
      maxLength: 100,
      description: 'What uses it: deploy pipeline.',
    },
    role: ROLE,
    expiresInDays: {
      type: 'number',
      title: 'Days until it expires',
      exclusiveMinimum: 0,
      maximum: 3650,
      description: 'Empty: never.',
    },
  },
}

export const CONFIRM: JsonSchema = { type: 'object', properties: {} }
