/** What the purge dialog asks, and what becomes of it. */

export const PURGE_SCOPES = {
  namespace: {
    title: 'A namespace',
    field: 'Namespace',
    placeholder: 'PRODUCTS',
    missing: 'Name a namespace.',
  },
  key: { title: 'One entry', field: 'Namespace', placeholder: 'PRODUCTS', missing: 'Name its namespace.' },
  tags: {
    title: 'By tag',
    field: 'Tags, separated by commas',
    placeholder: 'product:42, currency:EUR',
    missing: 'Name at least one tag.',
  },
  pattern: {
    title: 'By pattern',
    field: 'Pattern',
    placeholder: 'PRODUCTS:eu-*',
    missing: 'Write a pattern of <namespace>:<identifier>, with * and ?.',
  },
  url: {
    title: 'One page or file',
    field: 'Address',
    placeholder: 'https://shop.example/products/1',
    missing: 'Write its address.',
  },
  prefix: {
    title: 'Everything below an address',
    field: 'Address',
    placeholder: 'https://shop.example/images/',
    missing: 'Write the address.',
  },
  all: { title: 'Everything', field: '', placeholder: '', missing: '' },
} as const

export type PurgeScopeName = keyof typeof PURGE_SCOPES

export interface PurgeForm {
  scope: PurgeScopeName
  /** Of the scope's field. */
  value: string
  /** Identifier, for one entry. */
  id: string
  /** Empty: every cache. */
  keyspace: string
  soft: boolean
}

export const isScope = (name: string): name is PurgeScopeName => Object.hasOwn(PURGE_SCOPES, name)

/** Addresses concern the HTTP cache and the edge, which have no keyspaces; only they can mark as stale. */
export const isAddress = (scope: PurgeScopeName): boolean => scope === 'url' || scope === 'prefix'

/** What is missing, in words; undefined when it can be sent. */
export function purgeProblem({ scope, value, id }: PurgeForm): string | undefined {
  if (scope === 'all') return undefined
  if (value.trim() === '') return PURGE_SCOPES[scope].missing
  if (scope === 'key' && id.trim() === '') return 'Name its identifier.'
  if (isAddress(scope) && !/^https?:\/\/[^/]+/.test(value.trim()))
    return 'An address begins with https:// or http:// and has a host.'
  return undefined
}

/** The input of the action `purge`. */
export function purgeInput(form: PurgeForm, preview: boolean): Record<string, unknown> {
  const value = form.value.trim()
  const common = {
    preview,
    ...(form.keyspace === '' || isAddress(form.scope) ? {} : { keyspace: form.keyspace }),
    ...(form.soft && form.scope !== 'key' && form.scope !== 'namespace' && form.scope !== 'pattern'
      ? { soft: true }
      : {}),
  }
  switch (form.scope) {
    case 'key':
      return { ...common, namespace: value, id: form.id.trim() }
    case 'tags': {
      const tags = value
        .split(',')
        .map((tag) => tag.trim())
        .filter((tag) => tag !== '')
      return { ...common, tags }
    }
    case 'all':
      return { ...common, all: true }
    default:
      return { ...common, [form.scope]: value }
  }
}
