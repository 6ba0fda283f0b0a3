import { Box, Button, MenuItem, Paper, TextField } from '@mui/material'
import { useMutation } from '@tanstack/react-query'
import type { ApiError } from '@millrace/api-client'
import { useId, useState, type FormEvent, type ReactNode } from 'react'
import { useSearchParams } from 'react-router'
import { runAction, toApiError } from '../../api/client.ts'
import { Failed } from '../../ui/states.tsx'
import {
  explainInput,
  METHODS,
  type ExplainForm,
  type ExplainInput,
  type ExplainProblems,
} from './explain-form.ts'
import { ExplanationView, type Explanation } from './explanation.tsx'
import { GatewayScreen } from './gateway-screen.tsx'

/** What would become of a request, and why, without sending it. */
export function GatewayExplain(): ReactNode {
  return (
    <GatewayScreen title="Explain" nodeOnly="This engine cannot say how it would decide about a request.">
      {() => <Explain />}
    </GatewayScreen>
  )
}

function Explain(): ReactNode {
  const [params, setParams] = useSearchParams()
  const [form, setForm] = useState<ExplainForm>({
    url: params.get('url') ?? '/',
    method: params.get('method') ?? 'GET',
    client: '',
    headers: '',
  })
  const [problems, setProblems] = useState<ExplainProblems>({})
  const runId = useId().replaceAll(/\W/g, '')
  const explain = useMutation<Explanation, ApiError, ExplainInput>({
    mutationFn: async (input) => {
      try {
        return (await runAction('gateway', 'explain', input, runId)).result as Explanation
      } catch (error) {
        throw toApiError(error)
      }
    },
  })
  const set = (change: Partial<ExplainForm>): void => setForm({ ...form, ...change })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const { input, problems: found } = explainInput(form)
    setProblems(found)
    if (input === undefined) return
    // Headers and addresses stay out of it: cookies are secrets.
    const { url, method } = input
    setParams((current) => new URLSearchParams({ ...Object.fromEntries(current), url, method }), {
      replace: true,
    })
    explain.mutate(input)
  }
  return (
    <>
      <Paper component="form" onSubmit={submit} noValidate sx={{ p: 2, display: 'grid', gap: 2 }}>
        <Box sx={{ display: 'grid', gap: 2, gridTemplateColumns: { xs: '1fr', sm: '120px 1fr 200px' } }}>
          <TextField
            select
            label="Method"
            value={form.method}
            onChange={(event) => set({ method: event.target.value })}
          >
            {METHODS.map((name) => (
              <MenuItem key={name} value={name}>
                {name}
              </MenuItem>
            ))}
          </TextField>
          <TextField
            label="URL"
            value={form.url}
            error={problems.url !== undefined}
            helperText={problems.url}
            onChange={(event) => set({ url: event.target.value })}
            slotProps={{ htmlInput: { spellCheck: false, autoComplete: 'off' } }}
          />
          <TextField
            label="Visitor’s address"
            value={form.client}
            placeholder="203.0.113.9"
            onChange={(event) => set({ client: event.target.value })}
            slotProps={{ htmlInput: { spellCheck: false, autoComplete: 'off' } }}
          />
        </Box>
        <TextField
          label="Headers"
          value={form.headers}
          placeholder={'cookie: a=1\naccept-language: de'}
          multiline
          minRows={2}
          maxRows={8}
          error={problems.headers !== undefined}
          helperText={problems.headers ?? 'name: value, one in a line'}
          onChange={(event) => set({ headers: event.target.value })}
          slotProps={{ htmlInput: { spellCheck: false } }}
        />
        <Box>
          <Button type="submit" variant="contained" loading={explain.isPending}>
            Explain
          </Button>
          <Box component="span" sx={{ ml: 1.5, color: 'text.secondary', fontSize: '0.8125rem' }}>
            Nothing is sent.
          </Box>
        </Box>
      </Paper>
      <Box aria-live="polite" sx={{ minWidth: 0 }}>
        {explain.error === null ? null : <Failed error={explain.error} />}
        {explain.data === undefined ? null : <ExplanationView explanation={explain.data} />}
      </Box>
    </>
  )
}
