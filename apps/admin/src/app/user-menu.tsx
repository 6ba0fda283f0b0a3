import Unfold from '@mui/icons-material/UnfoldMore'
import { Avatar, Box, ButtonBase } from '@mui/material'
import { lazy, Suspense, useState, type ReactNode } from 'react'
import { VISUALLY_HIDDEN } from '../ui/visually-hidden.ts'
import { useSession } from '../session/session.tsx'

const AccountMenu = lazy(async () => ({ default: (await import('./account-menu.tsx')).AccountMenu }))

/** Who is signed in; opens the menu with the colour scheme and the way out. */
export function UserMenu({ collapsed }: { collapsed: boolean }): ReactNode {
  const { user } = useSession()
  const [anchor, setAnchor] = useState<HTMLElement | null>(null)
  return (
    <>
      <ButtonBase
        aria-label={collapsed ? `Account of ${user.name}` : undefined}
        aria-haspopup="menu"
        aria-expanded={anchor !== null}
        onClick={(event) => setAnchor(event.currentTarget)}
        sx={{
          display: 'flex',
          gap: 1,
          p: 0.75,
          borderRadius: 1,
          justifyContent: 'flex-start',
          width: '100%',
          '&:hover': { bgcolor: 'action.hover' },
        }}
      >
        <Avatar
          aria-hidden
          sx={{
            width: 28,
            height: 28,
            fontSize: '0.8125rem',
            fontWeight: 600,
            bgcolor: 'primary.main',
            color: 'background.paper',
          }}
        >
          {user.name.slice(0, 1).toUpperCase()}
        </Avatar>
        {collapsed ? null : (
          <>
            <Box sx={{ flexGrow: 1, minWidth: 0, textAlign: 'left', lineHeight: 1.25 }}>
              <Box
                sx={{ fontSize: '0.8125rem', fontWeight: 550, overflow: 'hidden', textOverflow: 'ellipsis' }}
              >
                <Box component="span" sx={VISUALLY_HIDDEN}>
                  Account of{' '}
                </Box>
                {user.name}
              </Box>
              <Box sx={{ fontSize: '0.75rem', color: 'text.secondary' }}>{user.role}</Box>
            </Box>
            <Unfold fontSize="small" sx={{ color: 'text.secondary' }} />
          </>
        )}
      </ButtonBase>
      {anchor === null ? null : (
        <Suspense>
          <AccountMenu anchor={anchor} onClose={() => setAnchor(null)} />
        </Suspense>
      )}
    </>
  )
}
