import { Box, Button, Dialog, DialogActions, DialogContent, DialogTitle } from '@mui/material'
import type { ReactNode } from 'react'
import { SECTIONS } from './navigation.ts'
import { SHORTCUTS } from './shortcuts.ts'

function Key({ children }: { children: string }): ReactNode {
  return (
    <Box
      component="kbd"
      sx={{
        border: 1,
        borderColor: 'divider',
        borderBottomWidth: 2,
        borderRadius: 0.75,
        px: 0.75,
        py: 0.125,
        fontSize: '0.75rem',
        whiteSpace: 'nowrap',
      }}
    >
      {children}
    </Box>
  )
}

export function ShortcutsDialog({ onClose }: { onClose: () => void }): ReactNode {
  const rows = [
    ...SHORTCUTS,
    ...SECTIONS.map(({ shortcut, title }) => ({ keys: `g ${shortcut}`, what: title })),
  ]
  return (
    <Dialog open onClose={onClose} aria-labelledby="shortcuts-title" maxWidth="sm" fullWidth>
      <DialogTitle id="shortcuts-title" variant="h1">
        Keyboard shortcuts
      </DialogTitle>
      <DialogContent>
        <Box
          component="dl"
          sx={{
            display: 'grid',
            gridTemplateColumns: { xs: 'auto 1fr', sm: 'auto 1fr auto 1fr' },
            columnGap: 2,
            rowGap: 1.25,
            m: 0,
            alignItems: 'center',
            fontSize: '0.8125rem',
          }}
        >
          {rows.map(({ keys, what }) => (
            <Box key={keys} sx={{ display: 'contents' }}>
              <Box component="dt" sx={{ display: 'flex', gap: 0.5 }}>
                {keys.split(' ').map((key) => (
                  <Key key={key}>{key}</Key>
                ))}
              </Box>
              <Box component="dd" sx={{ m: 0, color: 'text.secondary' }}>
                {what}
              </Box>
            </Box>
          ))}
        </Box>
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>Close</Button>
      </DialogActions>
    </Dialog>
  )
}
