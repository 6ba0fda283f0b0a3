import { Drawer } from '@mui/material'
import type { ReactNode } from 'react'
import { Sidebar } from './sidebar.tsx'

/** The navigation of a narrow screen. */
export function NavigationDrawer({
  onClose,
  onHelp,
}: {
  onClose: () => void
  onHelp: () => void
}): ReactNode {
  return (
    <Drawer open onClose={onClose} sx={{ display: { md: 'none' } }}>
      <Sidebar collapsed={false} onNavigate={onClose} onHelp={onHelp} />
    </Drawer>
  )
}
