import DarkMode from '@mui/icons-material/DarkModeOutlined'
import LightMode from '@mui/icons-material/LightModeOutlined'
import Logout from '@mui/icons-material/Logout'
import SystemMode from '@mui/icons-material/SettingsBrightnessOutlined'
import { Divider, ListItemIcon, ListItemText, Menu, MenuItem } from '@mui/material'
import { useColorScheme } from '@mui/material/styles'
import type { ReactNode } from 'react'
import { useSession } from '../session/session.tsx'

const MODES = [
  { mode: 'light', title: 'Light', Icon: LightMode },
  { mode: 'dark', title: 'Dark', Icon: DarkMode },
  { mode: 'system', title: 'As the system', Icon: SystemMode },
] as const

/** Colour scheme, and signing out. */
export function AccountMenu({ anchor, onClose }: { anchor: HTMLElement; onClose: () => void }): ReactNode {
  const { signOut } = useSession()
  const { mode = 'system', setMode } = useColorScheme()
  return (
    <Menu
      anchorEl={anchor}
      open
      onClose={onClose}
      anchorOrigin={{ vertical: 'top', horizontal: 'left' }}
      transformOrigin={{ vertical: 'bottom', horizontal: 'left' }}
    >
      {MODES.map(({ mode: name, title, Icon }) => (
        <MenuItem key={name} selected={mode === name} onClick={() => setMode(name)} dense>
          <ListItemIcon>
            <Icon fontSize="small" />
          </ListItemIcon>
          <ListItemText>{title}</ListItemText>
        </MenuItem>
      ))}
      <Divider />
      <MenuItem onClick={() => void signOut()} dense>
        <ListItemIcon>
          <Logout fontSize="small" />
        </ListItemIcon>
        <ListItemText>Sign out</ListItemText>
      </MenuItem>
    </Menu>
  )
}
