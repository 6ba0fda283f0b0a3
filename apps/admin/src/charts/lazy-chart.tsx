import { useEffect, useState, type ReactNode } from 'react'
import type { RangeSpec } from '../api/client.ts'
import { ChartPanel, type ChartPanelProps } from './chart-panel.tsx'
import { useRanges } from './use-ranges.ts'

/** True while the element is near the viewport. */
function useInView(): [(element: Element | null) => void, boolean] {
  const [element, setElement] = useState<Element | null>(null)
  const [inView, setInView] = useState(false)
  useEffect(() => {
    if (element === null) return undefined
    const observer = new IntersectionObserver(([entry]) => setInView(entry!.isIntersecting), {
      rootMargin: '200px',
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [element])
  return [setElement, inView]
}

export interface LazyChartProps extends Omit<ChartPanelProps, 'state'> {
  specs: readonly RangeSpec[]
}

/** A chart that asks for its data only while it is near the viewport. */
export function LazyChart({ specs, ...panel }: LazyChartProps): ReactNode {
  const [element, inView] = useInView()
  const state = useRanges(specs, { enabled: inView })
  return (
    <div ref={element} style={{ minWidth: 0 }}>
      <ChartPanel {...panel} state={state} />
    </div>
  )
}
