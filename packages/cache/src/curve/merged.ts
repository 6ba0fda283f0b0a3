import type { CacheReport, HotKey, MissRatioCurve } from './report.ts'

/** What travels as gauges: of a process, however many caches it has. */
export interface ProcessReport {
  curve: Pick<MissRatioCurve, 'points' | 'sampledReads'>
  hotKeys: readonly HotKey[]
  alerts: CacheReport['alerts']
}

/** Several caches of one process: the curve of all of them scaled alike, the hottest keys of any, every alert once. */
export function mergeReports(reports: readonly CacheReport[]): ProcessReport {
  const wholes = reports.flatMap(({ curves }) => curves.slice(0, 1)).filter(({ points }) => points.length > 0)
  const reads = wholes.reduce((sum, curve) => sum + curve.reads, 0)
  const [first] = wholes
  const points = (first?.points ?? []).map((point, i) => {
    const sum = (value: (curve: MissRatioCurve) => number): number =>
      wholes.reduce((total, curve) => total + value(curve), 0)
    return {
      scale: point.scale,
      entries: sum((curve) => curve.points[i]!.entries),
      bytes: sum((curve) => curve.points[i]!.bytes),
      hitRatio: reads > 0 ? sum((curve) => curve.points[i]!.hitRatio * curve.reads) / reads : point.hitRatio,
    }
  })
  const alerts = new Map<string, CacheReport['alerts'][number]>()
  for (const alert of reports.flatMap((report) => report.alerts)) {
    const key = `${alert.kind}:${alert.namespace ?? ''}`
    const known = alerts.get(key)
    if (known === undefined || known.value < alert.value) alerts.set(key, alert)
  }
  return {
    curve: { points, sampledReads: wholes.reduce((sum, curve) => sum + curve.sampledReads, 0) },
    hotKeys: reports
      .flatMap(({ hotKeys }) => hotKeys)
      .toSorted((a, b) => b.readsPerSecond - a.readsPerSecond),
    alerts: [...alerts.values()],
  }
}
