import type { ReactNode } from 'react'

/** The wheel over the race. */
export function Logo({ size = 28 }: { size?: number }): ReactNode {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden style={{ flexShrink: 0 }}>
      <rect width="32" height="32" rx="8" fill="#0b6391" />
      <g fill="none" stroke="#fff" strokeWidth="2.4" strokeLinecap="round">
        <circle cx="16" cy="13.5" r="6.5" />
        <path d="M16 4.5v4M16 18.5v4M7 13.5h4M21 13.5h4M9.6 7.1l2.9 2.9M19.5 17l2.9 2.9M22.4 7.1 19.5 10M12.5 17l-2.9 2.9" />
        <path d="M4.5 27.2c2.3-1.9 4.6-1.9 6.9 0s4.6 1.9 6.9 0 4.6-1.9 6.9 0c.8.6 1.5.9 2.3.9" />
      </g>
    </svg>
  )
}
