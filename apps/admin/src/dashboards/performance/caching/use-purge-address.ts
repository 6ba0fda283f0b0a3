import { useSearchParams } from 'react-router'
import { isScope, type PurgeForm } from './purge-form.ts'

const KEYS = ['purge', 'what', 'id', 'in', 'soft'] as const

export interface PurgeAddress {
  /** undefined: the dialog is closed. */
  form: PurgeForm | undefined
  open: (form: PurgeForm) => void
  close: () => void
}

/** The purge dialog in the URL: a link can open it, and a reload keeps what was chosen. */
export function usePurgeAddress(): PurgeAddress {
  const [params, setParams] = useSearchParams()
  const scope = params.get('purge') ?? ''
  const replace = (values: Partial<Record<(typeof KEYS)[number], string>>): void =>
    setParams(
      (current) => {
        const next = new URLSearchParams(current)
        for (const key of KEYS) {
          const value = values[key] ?? ''
          if (value === '') next.delete(key)
          else next.set(key, value)
        }
        return next
      },
      { replace: true },
    )
  return {
    form: isScope(scope)
      ? {
          scope,
          value: params.get('what') ?? '',
          id: params.get('id') ?? '',
          keyspace: params.get('in') ?? '',
          soft: params.get('soft') === 'yes',
        }
      : undefined,
    open: ({ scope: chosen, value, id, keyspace, soft }) =>
      replace({ purge: chosen, what: value, id, in: keyspace, soft: soft ? 'yes' : '' }),
    close: () => replace({}),
  }
}
