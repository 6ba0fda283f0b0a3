import MenuIcon from '@mui/icons-material/Menu'
import { Box, IconButton, Tab, Tabs, Typography } from '@mui/material'
import { useEffect, useRef, type ReactNode } from 'react'
import { Link, useLocation } from 'react-router'
import { useHref } from '../app/links.ts'
import type { SectionEntry, TabEntry } from '../app/navigation.ts'
import { useShell } from '../app/shell-context.ts'
import { TimeControls } from '../time/time-controls.tsx'
import { VISUALLY_HIDDEN } from './visually-hidden.ts'

export interface PageProps {
  section: SectionEntry
  tab?: TabEntry
  /** Further part of the title, such as the name of a capability. */
  detail?: string
  /** Show the time range controls. */
  timed?: boolean
  /** Right of the title. */
  actions?: ReactNode
  children: ReactNode
}

// The first screen after loading keeps the browser's focus; each later one takes it to its heading.
let firstPage = true

/** Heading, tabs and body of a screen. Moves the focus to the heading and names the document. */
export function Page({ section, tab, detail, timed = false, actions, children }: PageProps): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null)
  const { openNavigation } = useShell()
  const { pathname } = useLocation()
  const href = useHref()
  const parts = [detail, tab?.title, section.title].filter((part) => part !== undefined)

  useEffect(() => {
    document.title = [...parts, 'Millrace'].join(' · ')
    if (firstPage) firstPage = false
    else heading.current?.focus({ preventScroll: true })
    // Once per screen, not per render: the parts belong to the path.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [pathname])

  return (
    <>
      <Box
        sx={{
          position: 'sticky',
          top: 0,
          zIndex: 'appBar',
          bgcolor: 'background.default',
          borderBottom: 1,
          borderColor: 'divider',
        }}
      >
        <Box
          sx={{
            display: 'flex',
            flexWrap: 'wrap',
            alignItems: 'center',
            gap: 1,
            px: { xs: 1.5, sm: 2.5 },
            minHeight: 56,
            py: 1,
          }}
        >
          <IconButton
            aria-label="Open the navigation"
            onClick={openNavigation}
            sx={{ display: { md: 'none' } }}
          >
            <MenuIcon />
          </IconButton>
          <Typography variant="h1" ref={heading} tabIndex={-1} sx={{ flexGrow: 1, outline: 'none' }}>
            {detail ?? section.title}
            {tab === undefined ? null : (
              <Box component="span" sx={VISUALLY_HIDDEN}>
                : {tab.title}
              </Box>
            )}
          </Typography>
          {actions}
          {timed ? <TimeControls /> : null}
        </Box>
        {section.tabs.length === 0 ? null : (
          <Tabs
            value={tab?.path ?? false}
            variant="scrollable"
            scrollButtons="auto"
            allowScrollButtonsMobile
            component="nav"
            aria-label={`${section.title}: screens`}
            sx={{ px: { xs: 0.5, sm: 1.5 } }}
          >
            {section.tabs.map((entry) => (
              <Tab
                key={entry.path}
                value={entry.path}
                label={entry.title}
                component={Link}
                to={href(`/${section.path}/${entry.path}`)}
                aria-current={entry.path === tab?.path ? 'page' : undefined}
              />
            ))}
          </Tabs>
        )}
      </Box>
      <Box sx={{ px: { xs: 1.5, sm: 2.5 }, py: 2, display: 'grid', gap: 2, minWidth: 0 }}>{children}</Box>
    </>
  )
}

/** A heading with a body, below the page's title. */
export function Section({
  title,
  help,
  actions,
  children,
}: {
  title: string
  help?: string
  actions?: ReactNode
  children: ReactNode
}): ReactNode {
  return (
    <Box component="section" aria-label={title} sx={{ minWidth: 0 }}>
      <Box sx={{ display: 'flex', alignItems: 'baseline', gap: 1.5, mb: 1, flexWrap: 'wrap' }}>
        <Typography variant="h2">{title}</Typography>
        {help === undefined ? null : (
          <Typography variant="body2" sx={{ color: 'text.secondary', flexGrow: 1 }}>
            {help}
          </Typography>
        )}
        {actions}
      </Box>
      {children}
    </Box>
  )
}

/** Two columns where there is room for two readable charts. */
export function ChartGrid({ children }: { children: ReactNode }): ReactNode {
  return (
    <Box
      sx={{
        display: 'grid',
        gap: 1.5,
        gridTemplateColumns: { xs: 'minmax(0, 1fr)', lg: 'repeat(2, minmax(0, 1fr))' },
      }}
    >
      {children}
    </Box>
  )
}
