import { defineErrors } from '@millrace/core'

export const cacheErrors = defineErrors('CACHE', {
  KEY_TOO_LONG: {
    status: 400,
    title: 'Cache key too long',
    message: (d: { namespace: string; length: number; max: number }) =>
      `An identifier in namespace '${d.namespace}' has ${d.length} characters; at most ${d.max} are allowed. Hash long identifiers.`,
  },
  NAMESPACE_INVALID: {
    status: 400,
    title: 'Invalid cache namespace',
    message: (d: { namespace: string }) =>
      `'${d.namespace}' is not a namespace: 1 to 64 letters, digits, '_', '-' or '.'.`,
  },
  TOO_MANY_NAMESPACES: {
    status: 400,
    title: 'Too many cache namespaces',
    message: (d: { namespace: string; max: number }) =>
      `'${d.namespace}' would be one more than the ${d.max} namespaces allowed. What varies belongs into the identifier.`,
  },
  TTL_INVALID: {
    status: 400,
    title: 'Invalid time to live',
    message: (d: { field: string; value: unknown }) =>
      `${d.field} is ${String(d.value)}; accepted are milliseconds above 0, or Infinity for no expiry.`,
  },
  TAG_INVALID: {
    status: 400,
    title: 'Invalid cache tag',
    message: (d: { tag: unknown; max: number }) =>
      `A tag is a string of 1 to ${d.max} characters and an entry carries at most 64; got ${String(d.tag)}.`,
  },
  VALUE_NOT_SERIALISABLE: {
    status: 400,
    title: 'Value cannot be cached',
    message: (d: { namespace: string; id: string; path: string; type: string }) =>
      `The value for '${d.id}' in '${d.namespace}' holds a ${d.type} at '${d.path}'; cached values are plain data (what structuredClone accepts).`,
  },
  LOADER_TIMEOUT: {
    status: 504,
    title: 'Cache loader timed out',
    message: (d: { namespace: string; id: string; timeoutMs: number }) =>
      `Loading '${d.id}' in '${d.namespace}' took longer than ${d.timeoutMs} ms.`,
  },
  OPTION_INVALID: {
    status: 400,
    title: 'Invalid cache option',
    message: (d: { field: string; value: unknown; accepted: string }) =>
      `${d.field} is ${String(d.value)}; accepted: ${d.accepted}.`,
  },
  CLOSED: {
    status: 503,
    title: 'Cache closed',
    message: (d: { name: string }) => `The cache '${d.name}' is closed.`,
  },
  STORE_UNAVAILABLE: {
    status: 503,
    title: 'Shared cache store unavailable',
    message: (d: { store: string; reason: string }) =>
      `The shared store '${d.store}' cannot be used now: ${d.reason}.`,
  },
  STORE_CLOSED: {
    status: 503,
    title: 'Shared cache store closed',
    message: (d: { store: string }) => `The shared store '${d.store}' is closed.`,
  },
  STORE_FOLLOWED: {
    status: 409,
    title: 'Shared cache store followed already',
    message: (d: { store: string }) =>
      `The shared store '${d.store}' delivers its notices to one follower per driver already. End that one first, or make another driver.`,
  },
})
