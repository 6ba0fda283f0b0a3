import { defineErrors } from '@millrace/core'

export const cacheErrors = defineErrors('CACHE', {
  KEY_INVALID: {
    status: 400,
    title: 'Invalid cache key',
    message: (d: { namespace: string; type: string }) =>
      `An identifier in namespace '${d.namespace}' is not accepted (${d.type}); it must be a string of well-formed Unicode, without half a surrogate pair.`,
  },
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
      `A tag is a string of 1 to ${d.max} characters of well-formed Unicode and an entry carries at most 64; got ${String(d.tag)}.`,
  },
  VALUE_NOT_SERIALISABLE: {
    status: 400,
    title: 'Value cannot be cached',
    message: (d: { namespace: string; id: string; path: string; type: string }) =>
      `The value for '${d.id}' in '${d.namespace}' holds a ${d.type} at '${d.path}'; cached values are plain data (what structuredClone accepts).`,
  },
  VALUE_INVALID: {
    status: 400,
    title: 'Value does not match the schema of its namespace',
    message: (d: { namespace: string; id: string; problem: string }) =>
      `The value for '${d.id}' in '${d.namespace}' is not what the namespace's schema accepts: ${d.problem}.`,
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
  STORE_FULL: {
    status: 507,
    title: 'Shared cache store full',
    message: (d: { store: string }) =>
      `The shared store '${d.store}' takes no more: its memory is used up and it does not evict. Give it more, or let it evict (maxmemory-policy).`,
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
  WRITE_QUEUE_FULL: {
    status: 503,
    title: 'Write-behind queue full',
    message: (d: { namespace: string; entries: number; bytes: number; waitedMs: number }) =>
      `The write-behind queue of '${d.namespace}' holds ${d.entries} entries of ${d.bytes} bytes and did not empty within ${d.waitedMs} ms. The origin is too slow or away; the write was not taken.`,
    expose: true,
  },
  WRITE_TIMEOUT: {
    status: 504,
    title: 'Write to the origin timed out',
    message: (d: { namespace: string; timeoutMs: number }) =>
      `Writing to the origin of '${d.namespace}' took longer than ${d.timeoutMs} ms; whether it arrived is not known.`,
  },
  WRITE_TOO_LARGE: {
    status: 413,
    title: 'Write too large for the journal',
    message: (d: { namespace: string; id: string; bytes: number; max: number }) =>
      `The value for '${d.id}' in '${d.namespace}' takes ${d.bytes} bytes in the journal; at most ${d.max} are accepted.`,
  },
  JOURNAL_LOCKED: {
    status: 409,
    title: 'Journal in use',
    message: (d: { directory: string; host: string; pid: number }) =>
      `The journal in ${d.directory} belongs to process ${d.pid} on ${d.host}, which still runs. Each writer needs a directory of its own.`,
  },
  JOURNAL_UNWRITABLE: {
    status: 503,
    title: 'Journal cannot be written',
    message: (d: { file: string; reason: string }) =>
      `${d.file} cannot be written (${d.reason}). The write was not taken; free space or repair the disk.`,
  },
  PURGE_REFUSED: {
    status: 400,
    title: 'Purge not accepted',
    message: (d: { field: string; value: string; accepted: string }) =>
      `A purge's ${d.field} '${d.value}' is not accepted; it must be ${d.accepted}.`,
  },
  SHARED_SLOW: {
    status: 504,
    title: 'Shared cache store too slow',
    message: (d: { limitMs: number }) => `The shared store did not answer within ${d.limitMs} ms.`,
    expose: true,
  },
  NOTHING_TO_WARM: {
    status: 409,
    title: 'Nothing to warm',
    message: () =>
      'cache.warming.urls names no address. Applications warm their own caches with createWarmer.',
    expose: true,
  },
  NOT_SHARED: {
    status: 409,
    title: 'No shared cache store',
    message: (d: { wanted: string }) =>
      `${d.wanted} needs a shared tier: name a Redis (redis.host or REDIS_HOST) and do not set cache.shared.enabled to false.`,
    expose: true,
  },
})
