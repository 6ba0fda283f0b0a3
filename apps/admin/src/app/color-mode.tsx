import { useColorScheme } from '@mui/material/styles'
import useMediaQuery from '@mui/material/useMediaQuery'

/** What is on the screen now: the chosen scheme, or the system's when that was chosen. */
export function useColorMode(): 'light' | 'dark' {
  const { mode } = useColorScheme()
  const systemIsDark = useMediaQuery('(prefers-color-scheme: dark)', { noSsr: true })
  if (mode === 'light' || mode === 'dark') return mode
  return systemIsDark ? 'dark' : 'light'
}
