import type { Person } from '../data/types.ts'

/** Initials on a colour of the member's own. */
export function Avatar({ person }: { person: Person }) {
  const initials = person.name
    .split(' ')
    .map((word) => word.charAt(0))
    .join('')
    .slice(0, 2)
  return (
    <span
      className="avatar"
      style={{ '--hue': String((person.id * 47) % 360) } as React.CSSProperties}
      aria-hidden="true"
    >
      {initials}
    </span>
  )
}
