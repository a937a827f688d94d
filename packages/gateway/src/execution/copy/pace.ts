/** Longest that work on files keeps everything else waiting, ms. */
const SLICE = 10

/** Lets others run now and then: file work is done in one go otherwise, and a gateway has more than one agent. */
export interface Pace {
  rest(): Promise<void>
}

export function createPace(): Pace {
  let until = performance.now() + SLICE
  return {
    async rest() {
      if (performance.now() < until) return
      await new Promise((resolve) => setImmediate(resolve))
      until = performance.now() + SLICE
    },
  }
}
