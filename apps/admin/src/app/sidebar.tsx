import AccountTree from '@mui/icons-material/AccountTreeOutlined'
import AutoFixHigh from '@mui/icons-material/AutoFixHighOutlined'
import ChevronLeft from '@mui/icons-material/ChevronLeft'
import ChevronRight from '@mui/icons-material/ChevronRight'
import Group from '@mui/icons-material/GroupOutlined'
import Extension from '@mui/icons-material/ExtensionOutlined'
import HelpOutline from '@mui/icons-material/HelpOutlineOutlined'
import Hub from '@mui/icons-material/HubOutlined'
import HistoryOutlined from '@mui/icons-material/ReceiptLongOutlined'
import KeyboardOutlined from '@mui/icons-material/KeyboardOutlined'
import LocalFireDepartment from '@mui/icons-material/LocalFireDepartmentOutlined'
import Settings from '@mui/icons-material/TuneOutlined'
import Speed from '@mui/icons-material/SpeedOutlined'
import StackedBar from '@mui/icons-material/DynamicFeedOutlined'
import { Box, ButtonBase, Tooltip, Typography } from '@mui/material'
import type { SvgIconComponent } from '@mui/icons-material'
import type { ReactNode } from 'react'
import { NavLink, useLocation } from 'react-router'
import { useIncidents } from '../api/queries.ts'
import { useHref } from './links.ts'
import { Logo } from './logo.tsx'
import { sectionAt, SECTIONS, type SectionEntry } from './navigation.ts'
import { UserMenu } from './user-menu.tsx'

const ICONS: Record<string, SvgIconComponent> = {
  performance: Speed,
  gateway: Hub,
  scaling: StackedBar,
  profiling: LocalFireDepartment,
  optimization: AutoFixHigh,
  components: AccountTree,
  capabilities: Extension,
  audit: HistoryOutlined,
  access: Group,
  settings: Settings,
  help: HelpOutline,
}

const OPEN_WIDTH = 216
const COLLAPSED_WIDTH = 56

interface SidebarProps {
  collapsed: boolean
  /** Absent in the drawer, which has no collapsed form. */
  onToggle?: () => void
  onNavigate?: () => void
  onHelp: () => void
}

export function Sidebar({ collapsed, onToggle, onNavigate, onHelp }: SidebarProps): ReactNode {
  const open = useIncidents().data?.filter((incident) => incident.state === 'open').length ?? 0
  return (
    <Box
      sx={{
        width: collapsed ? COLLAPSED_WIDTH : OPEN_WIDTH,
        height: '100dvh',
        position: 'sticky',
        top: 0,
        display: 'flex',
        flexDirection: 'column',
        borderRight: 1,
        borderColor: 'divider',
        bgcolor: 'background.paper',
        p: 1,
        gap: 0.5,
        overflowY: 'auto',
        overflowX: 'hidden',
      }}
    >
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 1, px: 0.75, height: 44, mb: 0.5 }}>
        <Logo size={28} />
        {collapsed ? null : (
          <Typography component="span" sx={{ fontWeight: 700, fontSize: '1rem', letterSpacing: '-0.02em' }}>
            Millrace
          </Typography>
        )}
      </Box>
      <Box component="nav" aria-label="Main" sx={{ display: 'grid', gap: 0.25 }}>
        {SECTIONS.filter(({ group }) => group === 'dashboards').map((section) => (
          <SidebarLink key={section.path} section={section} collapsed={collapsed} onClick={onNavigate} />
        ))}
        <GroupLabel collapsed={collapsed}>Platform</GroupLabel>
        {SECTIONS.filter(({ group }) => group === 'platform').map((section) => (
          <SidebarLink
            key={section.path}
            section={section}
            collapsed={collapsed}
            badge={section.path === 'components' ? open : 0}
            onClick={onNavigate}
          />
        ))}
      </Box>
      <Box sx={{ flexGrow: 1 }} />
      <SidebarButton
        collapsed={collapsed}
        label="Shortcuts"
        hint="?"
        icon={<KeyboardOutlined fontSize="small" />}
        onClick={onHelp}
      />
      {onToggle === undefined ? null : (
        <SidebarButton
          collapsed={collapsed}
          label={collapsed ? 'Open the navigation' : 'Collapse'}
          hint="b"
          icon={collapsed ? <ChevronRight fontSize="small" /> : <ChevronLeft fontSize="small" />}
          onClick={onToggle}
        />
      )}
      <UserMenu collapsed={collapsed} />
    </Box>
  )
}

function GroupLabel({ collapsed, children }: { collapsed: boolean; children: string }): ReactNode {
  if (collapsed) return <Box sx={{ borderTop: 1, borderColor: 'divider', my: 1 }} />
  return (
    <Typography variant="caption" sx={{ color: 'text.secondary', fontWeight: 600, px: 1, pt: 1.75, pb: 0.5 }}>
      {children}
    </Typography>
  )
}

const ROW = {
  display: 'flex',
  alignItems: 'center',
  justifyContent: 'flex-start',
  gap: 1.25,
  minHeight: 36,
  px: 1,
  borderRadius: 1,
  color: 'text.secondary',
  fontSize: '0.875rem',
  textDecoration: 'none',
  width: '100%',
  '&:hover': { bgcolor: 'action.hover', color: 'text.primary' },
} as const

interface SidebarLinkProps {
  section: SectionEntry
  collapsed: boolean
  badge?: number
  onClick?: (() => void) | undefined
}

function SidebarLink({ section, collapsed, badge = 0, onClick }: SidebarLinkProps): ReactNode {
  const href = useHref()
  const active = sectionAt(useLocation().pathname)?.path === section.path
  const Icon = ICONS[section.path] ?? Extension
  return (
    <Tooltip title={collapsed ? section.title : ''} placement="right">
      <ButtonBase
        component={NavLink}
        to={href(`/${section.path}`)}
        aria-label={badge > 0 ? `${section.title}, ${badge} open incidents` : section.title}
        {...(onClick === undefined ? {} : { onClick })}
        sx={{
          ...ROW,
          ...(active
            ? {
                bgcolor: 'action.selected',
                color: 'primary.main',
                fontWeight: 600,
                '&:hover': { bgcolor: 'action.selected' },
              }
            : {}),
        }}
      >
        <Icon fontSize="small" />
        {collapsed ? null : (
          <Box component="span" sx={{ flexGrow: 1, textAlign: 'left' }}>
            {section.title}
          </Box>
        )}
        {badge === 0 || collapsed ? null : (
          <Box
            component="span"
            sx={{
              bgcolor: 'error.main',
              color: 'background.paper',
              borderRadius: 5,
              px: 0.75,
              fontSize: '0.6875rem',
              fontWeight: 700,
            }}
          >
            {badge}
          </Box>
        )}
      </ButtonBase>
    </Tooltip>
  )
}

interface SidebarButtonProps {
  collapsed: boolean
  label: string
  hint: string
  icon: ReactNode
  onClick: () => void
}

function SidebarButton({ collapsed, label, hint, icon, onClick }: SidebarButtonProps): ReactNode {
  return (
    <Tooltip title={collapsed ? `${label} (${hint})` : ''} placement="right">
      <ButtonBase
        aria-label={collapsed ? label : undefined}
        aria-keyshortcuts={hint}
        onClick={onClick}
        sx={ROW}
      >
        {icon}
        {collapsed ? null : (
          <>
            <Box component="span" sx={{ flexGrow: 1, textAlign: 'left' }}>
              {label}
            </Box>
            <Box
              component="kbd"
              aria-hidden
              sx={{ fontSize: '0.6875rem', border: 1, borderColor: 'divider', borderRadius: 0.5, px: 0.5 }}
            >
              {hint}
            </Box>
          </>
        )}
      </ButtonBase>
    </Tooltip>
  )
}
