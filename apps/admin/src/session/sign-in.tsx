import Visibility from '@mui/icons-material/VisibilityOutlined'
import VisibilityOff from '@mui/icons-material/VisibilityOffOutlined'
import { Alert, Box, Button, IconButton, InputAdornment, Paper, TextField, Typography } from '@mui/material'
import { unwrap, type ApiError, type Session } from '@millrace/api-client'
import { useEffect, useRef, useState, type FormEvent, type ReactNode } from 'react'
import { client, readSignal, toApiError } from '../api/client.ts'
import { Logo } from '../app/logo.tsx'
import { useSecond } from '../ui/states.tsx'

interface Refusal {
  error: ApiError
  /** Milliseconds since the epoch when another attempt is allowed. */
  until?: number
}

function refusalText({ error }: Refusal, waitSeconds: number): string {
  if (waitSeconds > 0) return `Too many attempts. Try again in ${waitSeconds} s.`
  if (error.status === 429) return 'You can try again now.'
  if (error.status === 401) return 'The user name or the password is wrong.'
  return error.message
}

/** Username and password, with the names that password managers look for. */
export function SignIn({ onSignedIn }: { onSignedIn: (session: Session) => void }): ReactNode {
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const [visible, setVisible] = useState(false)
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<Refusal>()
  const passwordInput = useRef<HTMLInputElement>(null)
  const now = useSecond(refusal?.until !== undefined)
  const waitSeconds = Math.max(0, Math.ceil(((refusal?.until ?? 0) - now) / 1_000))

  useEffect(() => {
    document.title = 'Sign in · Millrace'
  }, [])

  const submit = async (): Promise<void> => {
    setBusy(true)
    try {
      const session = await unwrap(
        client.POST('/api/auth/login', {
          body: { username: username.trim(), password },
          signal: readSignal(),
        }),
      )
      onSignedIn(session)
    } catch (thrown) {
      const error = toApiError(thrown)
      const wait = error.retryAfterSeconds
      setRefusal({ error, ...(wait === undefined ? {} : { until: Date.now() + wait * 1_000 }) })
      setBusy(false)
      passwordInput.current?.select()
    }
  }
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault()
    if (!busy && waitSeconds === 0) void submit()
  }

  return (
    <Box component="main" sx={{ minHeight: '100dvh', display: 'grid', placeItems: 'center', p: 2 }}>
      <Paper component="form" onSubmit={onSubmit} sx={{ width: '100%', maxWidth: 380, p: { xs: 3, sm: 4 } }}>
        <Box sx={{ display: 'flex', alignItems: 'center', gap: 1.25, mb: 3 }}>
          <Logo size={34} />
          <Box>
            <Typography variant="h1">Sign in to Millrace</Typography>
            <Typography variant="body2" sx={{ color: 'text.secondary' }}>
              {window.location.host}
            </Typography>
          </Box>
        </Box>
        <Box sx={{ display: 'grid', gap: 2 }}>
          <TextField
            label="User name"
            name="username"
            value={username}
            onChange={(event) => setUsername(event.target.value)}
            required
            fullWidth
            slotProps={{
              htmlInput: {
                autoComplete: 'username',
                autoCapitalize: 'none',
                spellCheck: false,
                maxLength: 256,
                // The first thing anybody does here is to type the name.
                autoFocus: true,
              },
              inputLabel: { required: false },
            }}
          />
          <TextField
            label="Password"
            name="password"
            type={visible ? 'text' : 'password'}
            value={password}
            onChange={(event) => setPassword(event.target.value)}
            required
            fullWidth
            inputRef={passwordInput}
            error={refusal?.error.status === 401}
            slotProps={{
              htmlInput: { autoComplete: 'current-password', maxLength: 256 },
              inputLabel: { required: false },
              input: {
                endAdornment: (
                  <InputAdornment position="end">
                    <IconButton
                      edge="end"
                      aria-label={visible ? 'Hide password' : 'Show password'}
                      aria-pressed={visible}
                      onClick={() => setVisible(!visible)}
                    >
                      {visible ? <VisibilityOff fontSize="small" /> : <Visibility fontSize="small" />}
                    </IconButton>
                  </InputAdornment>
                ),
              },
            }}
          />
          {/* The region exists before its text does: only then is the text announced. */}
          <Box aria-live="assertive">
            {refusal === undefined ? null : (
              <Alert severity={refusal.error.status === 429 ? 'warning' : 'error'} variant="outlined">
                {refusalText(refusal, waitSeconds)}
              </Alert>
            )}
          </Box>
          <Button
            type="submit"
            variant="contained"
            size="medium"
            fullWidth
            loading={busy}
            disabled={waitSeconds > 0}
          >
            {waitSeconds > 0 ? `Sign in (${waitSeconds} s)` : 'Sign in'}
          </Button>
        </Box>
        <Typography variant="body2" sx={{ color: 'text.secondary', mt: 3 }}>
          The first user is <code>admin</code>; <code>millrace up</code> printed the password when it first
          started.
        </Typography>
      </Paper>
    </Box>
  )
}
