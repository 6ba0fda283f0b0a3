import { Box, Link as MuiLink, Typography } from '@mui/material'
import { Suspense, type ReactNode } from 'react'
import { Link, Navigate, Route, Routes, useLocation, useParams } from 'react-router'
import { useCapabilities } from '../api/queries.ts'
import { Page } from '../ui/page.tsx'
import { Loading } from '../ui/states.tsx'
import { ErrorBoundary } from './error-boundary.tsx'
import { useHref } from './links.ts'
import { SECTIONS, type SectionEntry } from './navigation.ts'
import {
  AccessScreen,
  AuditScreen,
  CapabilitiesScreen,
  ComponentsScreen,
  HelpScreen,
  PlannedTab,
  SettingsScreen,
  TAB_SCREENS,
} from './screens.tsx'

const HOME = '/performance/overview'

/** Keeps the query, so that `/admin/?range=1h` means what it says. */
function RedirectTo({ path }: { path: string }): ReactNode {
  const { search } = useLocation()
  return <Navigate to={`${path}${search}`} replace />
}

/** Tabs with charts follow the time range. */
const UNTIMED = new Set(['optimization/recommendations', 'gateway/explain'])

function TabPage({ section }: { section: SectionEntry }): ReactNode {
  const { tab: path } = useParams()
  const installed = useCapabilities().data
  const tab = section.tabs.find((entry) => entry.path === path)
  if (tab === undefined) return <NotFound />
  const key = `${section.path}/${tab.path}`
  const Screen = TAB_SCREENS[key]
  const showsCapability =
    tab.plan?.generic === true && installed?.some(({ name }) => name === tab.plan?.capability) === true
  const timed = Screen === undefined ? showsCapability : !UNTIMED.has(key)
  return (
    <Page section={section} tab={tab} timed={timed}>
      <ErrorBoundary key={key}>
        <Suspense fallback={<Loading height={320} label={`${tab.title}: loading`} />}>
          {Screen === undefined ? (
            <PlannedTab title={`${section.title} ${tab.title}`} plan={tab.plan!} />
          ) : (
            <Screen />
          )}
        </Suspense>
      </ErrorBoundary>
    </Page>
  )
}

function NotFound(): ReactNode {
  const href = useHref()
  return (
    <Box sx={{ p: 4, textAlign: 'center' }}>
      <Typography variant="h1">There is no such screen</Typography>
      <MuiLink component={Link} to={href(HOME)}>
        Performance overview
      </MuiLink>
    </Box>
  )
}

export function PanelRoutes(): ReactNode {
  return (
    <ErrorBoundary>
      <Suspense
        fallback={
          <Box sx={{ p: 3 }}>
            <Loading height={320} />
          </Box>
        }
      >
        <Routes>
          <Route index element={<RedirectTo path={HOME} />} />
          {SECTIONS.filter(({ tabs }) => tabs.length > 0).map((section) => (
            <Route key={section.path} path={section.path}>
              <Route index element={<RedirectTo path={`/${section.path}/${section.tabs[0]!.path}`} />} />
              <Route path=":tab" element={<TabPage section={section} />} />
            </Route>
          ))}
          <Route path="components" element={<ComponentsScreen />} />
          <Route path="capabilities" element={<CapabilitiesScreen />} />
          <Route path="capabilities/:name" element={<CapabilitiesScreen />} />
          <Route path="audit" element={<AuditScreen />} />
          <Route path="access" element={<AccessScreen />} />
          <Route path="help" element={<HelpScreen />} />
          <Route path="help/:name" element={<HelpScreen />} />
          <Route path="settings" element={<SettingsScreen />} />
          <Route path="*" element={<NotFound />} />
        </Routes>
      </Suspense>
    </ErrorBoundary>
  )
}
