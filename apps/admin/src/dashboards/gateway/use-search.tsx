import { TextField } from '@mui/material'
import { useDeferredValue, useRef, useState, type ReactNode } from 'react'
import { useParam } from '../../app/use-param.ts'
import { useShortcuts } from '../../app/shortcuts.ts'

/** A search field bound to the URL and to `/`, and what is in it in lower case. */
export function useSearch(placeholder: string): { field: ReactNode; matches: (text: string) => boolean } {
  const [query, setQuery] = useParam('q')
  // The address follows in a transition: a field bound to it alone would lose letters typed fast.
  const [search, setSearch] = useState(query)
  const input = useRef<HTMLInputElement>(null)
  useShortcuts({ '/': () => input.current?.focus() })
  const words = useDeferredValue(search).toLowerCase().split(/\s+/).filter(Boolean)
  return {
    field: (
      <TextField
        label="Search"
        type="search"
        value={search}
        inputRef={input}
        onChange={(event) => {
          setSearch(event.target.value)
          setQuery(event.target.value)
        }}
        onKeyDown={(event) => event.key === 'Escape' && input.current?.blur()}
        placeholder={placeholder}
        sx={{ width: 220 }}
      />
    ),
    matches: (text) => words.every((word) => text.toLowerCase().includes(word)),
  }
}
