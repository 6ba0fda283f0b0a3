import { createContext, use } from 'react'

export interface ShellState {
  /** On a narrow screen the navigation is a drawer that the page's header opens. */
  openNavigation: () => void
}

export const ShellContext = createContext<ShellState | undefined>(undefined)

export function useShell(): ShellState {
  const state = use(ShellContext)
  if (state === undefined) throw new Error('useShell outside of Shell')
  return state
}
