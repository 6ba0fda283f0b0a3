/**
 * Colours that stay apart under deuteranopia, protanopia and tritanopia: Okabe and Ito's set ("Color Universal
 * Design", 2008), darkened for white and lightened for black until each has a contrast of at least 3:1 with the
 * surface (WCAG 1.4.11). Every chart also has a legend, a table and text, so colour never carries meaning alone.
 */
export type ColorMode = 'light' | 'dark'

const SERIES: Record<ColorMode, readonly string[]> = {
  light: ['#0068b8', '#c2500a', '#00845f', '#a8487f', '#8a6a00', '#4b4fc4', '#2b8ca6', '#6b6f76'],
  dark: ['#5cb3f0', '#f59152', '#35c795', '#e394bf', '#e0c341', '#a3a4ff', '#6fd3e8', '#a7adb8'],
}

export function seriesColor(index: number, mode: ColorMode): string {
  const colors = SERIES[mode]
  return colors[index % colors.length]!
}

/** Percentiles are ordered, so they get steps of one journey from calm to hot. */
const PERCENTILES: Record<ColorMode, Record<string, string>> = {
  light: { p50: '#0068b8', p90: '#6d7d00', p95: '#b06a00', p99: '#b3264a', p999: '#6a1b6d' },
  dark: { p50: '#5cb3f0', p90: '#c5d24a', p95: '#f0b04a', p99: '#f3708f', p999: '#d79bf0' },
}

export const percentileColor = (name: string, mode: ColorMode): string | undefined => PERCENTILES[mode][name]

/** Status classes; `5xx` is the only red of the panel's charts. */
const STATUS: Record<ColorMode, Record<string, string>> = {
  light: { '1xx': '#6b6f76', '2xx': '#0068b8', '3xx': '#2b8ca6', '4xx': '#b06a00', '5xx': '#b3264a' },
  dark: { '1xx': '#a7adb8', '2xx': '#5cb3f0', '3xx': '#6fd3e8', '4xx': '#f0b04a', '5xx': '#f3708f' },
}

export const statusColor = (status: string, mode: ColorMode): string | undefined =>
  STATUS[mode][`${status.slice(0, 1)}xx`]

/** The stops of a sequential scale from "few" to "many": one hue, monotonic in lightness (after Viridis). */
const HEAT: Record<ColorMode, readonly string[]> = {
  light: ['#eef4fa', '#c6dcef', '#8fbfe3', '#4c97cf', '#1c6fb4', '#0b4a86', '#082c57'],
  dark: ['#16202c', '#17385a', '#1c5688', '#2b79b6', '#4ea1d8', '#8cc8ee', '#d9f0ff'],
}

/** `share` 0–1 → colour; 0 is the faintest stop. */
export function heatColor(share: number, mode: ColorMode): string {
  const stops = HEAT[mode]
  const index = Math.min(stops.length - 1, Math.max(0, Math.round(share * (stops.length - 1))))
  return stops[index]!
}
