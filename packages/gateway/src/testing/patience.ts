/** What is expected gets so long on a busy machine. */
const USUAL_MS = 5_000
/** What is declared not to happen is not waited for as long. */
const DIFFERING_MS = 1_000

let present = USUAL_MS

/** How long a test of the suite waits for something by default, in milliseconds. Tests of a file run one after another. */
export const patienceMs = (): number => present

export function setPatience(differing: boolean): void {
  present = differing ? DIFFERING_MS : USUAL_MS
}
