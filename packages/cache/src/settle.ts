/** A promise of a synchronous result, so that bad input rejects instead of throwing. */
export function settle<Value>(run: () => Value): Promise<Value> {
  try {
    return Promise.resolve(run())
  } catch (error) {
    return Promise.reject(error as Error)
  }
}
