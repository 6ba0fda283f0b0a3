import { z } from 'zod'
import type { Invalidation } from '../drivers/driver.ts'
import { escapeGlob } from '../glob.ts'
import { MAX_TAG_LENGTH, MAX_TAGS_PER_ENTRY } from '../options.ts'

const address = z.url({
  protocol: /^https?$/,
  error: 'expected an address such as https://shop.example/products/1',
})

/** One of these says what is meant; `id` narrows `namespace`. */
const SCOPES = ['namespace', 'pattern', 'tags', 'url', 'prefix', 'all'] as const

export const purgeInputSchema = z
  .strictObject({
    preview: z
      .boolean()
      .default(false)
      .describe('Only say what would go: nothing is removed. Look before you purge.'),
    keyspace: z
      .string()
      .regex(/^[A-Za-z0-9_.-]{1,64}$/)
      .optional()
      .describe('The cache of one application or service. Default: every one.'),
    namespace: z
      .string()
      .regex(/^[A-Za-z0-9_.-]{1,64}$/)
      .optional()
      .describe('Everything in a namespace, such as PRODUCTS.'),
    id: z.string().min(1).max(1_024).optional().describe('One entry of the namespace.'),
    pattern: z
      .string()
      .min(1)
      .max(1_100)
      .optional()
      .describe('Keys `<namespace>:<identifier>` that match, with * and ?: PRODUCTS:eu-*.'),
    tags: z
      .array(z.string().min(1).max(MAX_TAG_LENGTH))
      .min(1)
      .max(MAX_TAGS_PER_ENTRY)
      .optional()
      .describe('Everything that carries one of these tags or surrogate keys.'),
    url: address.optional().describe('One page or file, as visitors address it.'),
    prefix: address.optional().describe('Every page or file below an address.'),
    all: z.literal(true).optional().describe('Everything.'),
    soft: z
      .boolean()
      .default(false)
      .describe('Of pages and files: mark as stale, so that they are served while they are renewed.'),
  })
  .refine((input) => input.id === undefined || input.namespace !== undefined, {
    path: ['id'],
    message: '`id` needs `namespace`',
  })
  .refine((input) => SCOPES.filter((scope) => input[scope] !== undefined).length === 1, {
    message: `name exactly one of ${SCOPES.map((scope) => `\`${scope}\``).join(', ')}`,
  })

export type PurgeInput = z.output<typeof purgeInputSchema>

/** What a purge addresses, told apart by kind. */
export type PurgeScope =
  | { kind: 'key'; namespace: string; id: string }
  | { kind: 'namespace'; namespace: string }
  | { kind: 'pattern'; pattern: string }
  | { kind: 'tags'; tags: readonly string[] }
  | { kind: 'url'; url: string }
  | { kind: 'prefix'; prefix: string }
  | { kind: 'all' }

export function scopeOf(input: PurgeInput): PurgeScope {
  const { namespace, id, pattern, tags, url, prefix } = input
  if (namespace !== undefined)
    return id === undefined ? { kind: 'namespace', namespace } : { kind: 'key', namespace, id }
  if (pattern !== undefined) return { kind: 'pattern', pattern }
  if (tags !== undefined) return { kind: 'tags', tags }
  if (url !== undefined) return { kind: 'url', url }
  if (prefix !== undefined) return { kind: 'prefix', prefix }
  return { kind: 'all' }
}

/** For people: in reports, and in the audit log. */
export function describeScope(scope: PurgeScope): string {
  switch (scope.kind) {
    case 'key':
      return `the entry ${scope.namespace}:${scope.id}`
    case 'namespace':
      return `the namespace ${scope.namespace}`
    case 'pattern':
      return `keys that match ${scope.pattern}`
    case 'tags':
      return `what carries ${scope.tags.length === 1 ? 'the tag' : 'one of the tags'} ${scope.tags.join(', ')}`
    case 'url':
      return scope.url
    case 'prefix':
      return `everything below ${scope.prefix}`
    default:
      return 'everything'
  }
}

/** As the shared store takes it; undefined: addresses concern the HTTP cache and the edge only. */
export function invalidationOf(scope: PurgeScope): Invalidation | undefined {
  switch (scope.kind) {
    case 'key':
      return { kind: 'keys', keys: [`${scope.namespace}:${scope.id}`] }
    case 'namespace':
      return { kind: 'stamps', names: [`n:${scope.namespace}`] }
    case 'pattern':
      return { kind: 'pattern', pattern: scope.pattern }
    case 'tags':
      return { kind: 'stamps', names: scope.tags.map((tag) => `t:${tag}`) }
    case 'all':
      return { kind: 'stamps', names: ['*'] }
    default:
      return undefined
  }
}

/** The keys that go, as a glob; undefined for tags, of which keys do not tell. */
export function patternOf(scope: PurgeScope): string | undefined {
  switch (scope.kind) {
    case 'key':
      return escapeGlob(`${scope.namespace}:${scope.id}`)
    case 'namespace':
      return `${escapeGlob(scope.namespace)}:*`
    case 'pattern':
      return scope.pattern
    case 'url':
      // As the HTTP cache names what it stores: the address, and after a blank what else tells responses apart.
      return `http:${escapeGlob(scope.url)}*`
    case 'prefix':
      return `http:${escapeGlob(scope.prefix)}*`
    case 'all':
      return '*'
    default:
      return undefined
  }
}
