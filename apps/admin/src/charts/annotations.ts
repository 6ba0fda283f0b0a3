/** Something that happened, drawn as a line on every time chart. */
export interface Annotation {
  /** Milliseconds since the epoch. */
  at: number
  kind: 'deploy' | 'scale' | 'restart' | 'failure' | 'purge' | 'config'
  text: string
}

const WITHIN_MS = 1_500

/** Ordered, without the repetitions that arise when one happening is told by the audit log and by the stream. */
export function mergeAnnotations(lists: readonly (readonly Annotation[])[]): Annotation[] {
  const merged: Annotation[] = []
  for (const next of lists.flat().toSorted((a, b) => a.at - b.at)) {
    const known = merged.some(
      ({ at, kind, text }) => kind === next.kind && text === next.text && Math.abs(at - next.at) < WITHIN_MS,
    )
    if (!known) merged.push(next)
  }
  return merged
}

/** The annotation nearest to an instant, when it is within `toleranceMs`. */
export function annotationNear(
  annotations: readonly Annotation[],
  at: number,
  toleranceMs: number,
): Annotation | undefined {
  let best: Annotation | undefined
  for (const candidate of annotations) {
    const distance = Math.abs(candidate.at - at)
    if (distance <= toleranceMs && (best === undefined || distance < Math.abs(best.at - at))) best = candidate
  }
  return best
}
