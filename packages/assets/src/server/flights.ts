/** One run per key: whoever asks for what is being made waits for it. */
export class Flights<Value> {
  readonly #running = new Map<string, Promise<Value>>()

  run(key: string, make: () => Promise<Value>): Promise<Value> {
    const running = this.#running.get(key)
    if (running !== undefined) return running
    const started = make().finally(() => this.#running.delete(key))
    this.#running.set(key, started)
    return started
  }
}
