import { useEffect, useEffectEvent } from 'react'

/** Read by the `?` dialog; the keys themselves are bound where they act. */
export const SHORTCUTS: readonly { keys: string; what: string }[] = [
  { keys: '?', what: 'Show this list' },
  { keys: 't', what: 'Choose the time range' },
  { keys: 'space', what: 'Pause, or go on' },
  { keys: 'z', what: 'Zoom out' },
  { keys: 'v', what: 'Compare with the previous period' },
  { keys: '/', what: 'Search in the table' },
  { keys: 'b', what: 'Collapse or open the navigation' },
  { keys: 'd', what: 'Switch between light and dark' },
  { keys: '← →', what: 'In a chart: move the cursor (with Shift: ten steps)' },
  { keys: '+ −', what: 'In a chart: zoom in at the cursor, zoom out' },
]

const TYPING = 'input, textarea, select, [contenteditable="true"]'
const PRESSABLE =
  'button, a, summary, [role="button"], [role="tab"], [role="switch"], [role="checkbox"], [role="menuitem"]'

/** True where a bare key belongs to what has the focus: text is typed, a dialog is open, space presses a button. */
export function keyBelongsToFocus(
  event: Pick<KeyboardEvent, 'key' | 'target' | 'ctrlKey' | 'metaKey' | 'altKey'>,
): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return true
  if (!(event.target instanceof Element)) return false
  if (event.target.closest(`${TYPING}, [role="dialog"], [role="menu"], [role="listbox"]`) !== null)
    return true
  return event.key === ' ' && event.target.closest(PRESSABLE) !== null
}

/** A second key after `g` counts for this long. */
const SEQUENCE_MS = 1_200

/** Binds keys (`t`, `?`, ` `) and sequences (`g p`) while the component is mounted. */
export function useShortcuts(bindings: Readonly<Record<string, () => void>>): void {
  const find = useEffectEvent((...keys: string[]) =>
    keys.map((key) => bindings[key]).find((run) => run !== undefined),
  )
  useEffect(() => {
    let prefix = ''
    let prefixAt = 0
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.repeat || keyBelongsToFocus(event)) return
      const sequence = performance.now() - prefixAt < SEQUENCE_MS ? `${prefix} ${event.key}` : ''
      prefix = event.key
      prefixAt = performance.now()
      const run = find(sequence, event.key)
      if (run === undefined) return
      prefix = ''
      event.preventDefault()
      run()
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [])
}
