import { useState, useTransition } from 'react'

export interface Submission {
  pending: boolean
  error: unknown
  /** Runs one at a time: a second click while the first is on its way does nothing. */
  submit: (run: () => Promise<void>) => void
}

/** The state of something that a visitor asked for. */
export function useSubmit(): Submission {
  const [pending, start] = useTransition()
  const [error, setError] = useState<unknown>()
  return {
    pending,
    error,
    submit: (run) => {
      if (pending) return
      start(async () => {
        setError(undefined)
        try {
          await run()
        } catch (reason) {
          setError(reason)
        }
      })
    },
  }
}
