/**
 * V8 flags of a worker. Nearly everything a proxy allocates dies with its request, so a young generation of 32 MiB
 * instead of 16 halves the number of collections, each of which costs the same; measured: half the time in pauses for
 * about 20 MB more memory.
 */
export const WORKER_V8_FLAGS = ['--min-semi-space-size=32', '--max-semi-space-size=32'] as const
