import { useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query'
import type { ApiError } from '@millrace/api-client'
import { useId, useState } from 'react'
import { runAction, toApiError } from '../../../api/client.ts'
import { purgeInput, type PurgeForm } from './purge-form.ts'
import type { PurgeReportData } from './purge-report.tsx'

type Run = UseMutationResult<PurgeReportData, ApiError, PurgeForm>

/** The two halves of a purge: looking, and doing. */
export function usePurge(): { preview: Run; purge: Run } {
  const queries = useQueryClient()
  const [openedAt] = useState(() => Date.now().toString(36))
  const runId = `${useId().replaceAll(/\W/g, '')}-${openedAt}`
  const send = async (form: PurgeForm, looking: boolean): Promise<PurgeReportData> => {
    try {
      const { result } = await runAction('cache', 'purge', purgeInput(form, looking), runId)
      return result as PurgeReportData
    } catch (error) {
      throw toApiError(error)
    }
  }
  const preview = useMutation<PurgeReportData, ApiError, PurgeForm>({
    mutationFn: (form) => send(form, true),
  })
  const purge = useMutation<PurgeReportData, ApiError, PurgeForm>({
    mutationFn: (form) => send(form, false),
    onSettled: () => void queries.invalidateQueries(),
  })
  return { preview, purge }
}
