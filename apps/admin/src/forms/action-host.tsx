import { createContext, lazy, Suspense, use, useState, type ReactNode } from 'react'
import type { ActionDialogProps } from './action-dialog.tsx'

const ActionDialog = lazy(async () => ({ default: (await import('./action-dialog.tsx')).ActionDialog }))

export type OpenedAction = Omit<ActionDialogProps, 'onClose'>

const OpenAction = createContext<(action: OpenedAction) => void>(() => undefined)

/** Opens the dialog of an action. It stays as it was opened, also when the button that did so is gone meanwhile. */
export const useOpenAction = (): ((action: OpenedAction) => void) => use(OpenAction)

/** Holds the dialog of the action that is open: above everything that a result of it may take from the page. */
export function ActionHost({ children }: { children: ReactNode }): ReactNode {
  const [opened, setOpened] = useState<OpenedAction>()
  return (
    <OpenAction value={setOpened}>
      {children}
      {opened === undefined ? null : (
        <Suspense>
          <ActionDialog {...opened} onClose={() => setOpened(undefined)} />
        </Suspense>
      )}
    </OpenAction>
  )
}
