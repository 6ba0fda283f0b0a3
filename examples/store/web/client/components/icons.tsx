import type { ReactNode } from 'react'

function Icon({ children }: { children: ReactNode }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" width="22" height="22" aria-hidden="true" focusable="false">
      {children}
    </svg>
  )
}

export const WaveIcon = () => (
  <Icon>
    <path d="M2 9.5c3.3-3 6.700-3 10 0s6.700 3 10 0M2 16c3.3-3 6.7-3 10 0s6.7 3 10 0" />
  </Icon>
)

export const SearchIcon = () => (
  <Icon>
    <circle cx="10.5" cy="10.5" r="6.5" />
    <path d="m15.5 15.5 5 5" />
  </Icon>
)

export const PersonIcon = () => (
  <Icon>
    <circle cx="12" cy="8" r="4" />
    <path d="M4 20.5c1.2-4 4.2-6 8-6s6.8 2 8 6" />
  </Icon>
)

export const CartIcon = () => (
  <Icon>
    <path d="M5 8h14l-1.2 12H6.2zM8.5 8a3.5 3.5 0 0 1 7 0" />
  </Icon>
)

export const HeartIcon = () => (
  <Icon>
    <path d="M12 20S4 15 4 9.2A4.2 4.2 0 0 1 12 7a4.2 4.2 0 0 1 8 2.2C20 15 12 20 12 20z" />
  </Icon>
)

export const CommentIcon = () => (
  <Icon>
    <path d="M4 5h16v11h-9l-4.5 4v-4H4z" />
  </Icon>
)

export const UploadIcon = () => (
  <Icon>
    <path d="M12 16V4m-5 5 5-5 5 5M4 16v4h16v-4" />
  </Icon>
)
