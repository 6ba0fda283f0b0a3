import { Box, Link } from '@mui/material'
import { useColorScheme } from '@mui/material/styles'
import { lazy, Suspense, useMemo, useState, type ReactNode } from 'react'
import { useNavigate } from 'react-router'
import { useTime } from '../time/time-context.tsx'
import { useColorMode } from './color-mode.tsx'
import { ConnectionBanner } from './connection-banner.tsx'
import { useHref } from './links.ts'
import { SECTIONS } from './navigation.ts'
import { ShellContext } from './shell-context.ts'
import { useShortcuts } from './shortcuts.ts'
import { Sidebar } from './sidebar.tsx'

export const MAIN_ID = 'main'
// Opened rarely, and heavy for what they are: dialogs and drawers come when they are asked for.
const NavigationDrawer = lazy(async () => ({
  default: (await import('./navigation-drawer.tsx')).NavigationDrawer,
}))
const ShortcutsDialog = lazy(async () => ({
  default: (await import('./shortcuts-dialog.tsx')).ShortcutsDialog,
}))
const COLLAPSED_KEY = 'millrace.navigation'

function usePersistentFlag(key: string): [boolean, () => void] {
  const [flag, setFlag] = useState(() => localStorage.getItem(key) === 'collapsed')
  const toggle = (): void => {
    setFlag(!flag)
    localStorage.setItem(key, flag ? 'open' : 'collapsed')
  }
  return [flag, toggle]
}

/** Frame of every screen: skip link, navigation, the keys that work everywhere. */
export function Shell({ children }: { children: ReactNode }): ReactNode {
  const [collapsed, toggleCollapsed] = usePersistentFlag(COLLAPSED_KEY)
  const [drawer, setDrawer] = useState(false)
  const [help, setHelp] = useState(false)
  const time = useTime()
  const navigate = useNavigate()
  const href = useHref()
  const mode = useColorMode()
  const { setMode } = useColorScheme()

  const go = Object.fromEntries(
    SECTIONS.map(({ shortcut, path }) => [`g ${shortcut}`, () => void navigate(href(`/${path}`))]),
  )
  useShortcuts({
    '?': () => setHelp(true),
    b: toggleCollapsed,
    d: () => setMode(mode === 'dark' ? 'light' : 'dark'),
    ' ': time.togglePaused,
    z: time.zoomOut,
    v: time.toggleCompare,
    ...go,
  })
  const shell = useMemo(() => ({ openNavigation: () => setDrawer(true) }), [])

  return (
    <ShellContext value={shell}>
      <Link
        href={`#${MAIN_ID}`}
        sx={{
          position: 'fixed',
          left: 8,
          top: -80,
          zIndex: 'tooltip',
          p: 1,
          bgcolor: 'background.paper',
          border: 1,
          borderRadius: 1,
          '&:focus': { top: 8 },
        }}
      >
        Skip to the content
      </Link>
      <Box sx={{ display: 'flex', minHeight: '100dvh' }}>
        <Box component="header" sx={{ display: { xs: 'none', md: 'block' }, flexShrink: 0 }}>
          <Sidebar collapsed={collapsed} onToggle={toggleCollapsed} onHelp={() => setHelp(true)} />
        </Box>
        <Box component="main" id={MAIN_ID} tabIndex={-1} sx={{ flexGrow: 1, minWidth: 0, outline: 'none' }}>
          <ConnectionBanner />
          {children}
        </Box>
      </Box>
      <Suspense>
        {drawer ? (
          <NavigationDrawer
            onClose={() => setDrawer(false)}
            onHelp={() => {
              setDrawer(false)
              setHelp(true)
            }}
          />
        ) : null}
        {help ? <ShortcutsDialog onClose={() => setHelp(false)} /> : null}
      </Suspense>
    </ShellContext>
  )
}
