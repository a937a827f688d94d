/** True once in each second in which it is asked: what happens more often is said no more. */
export function createSecond(): () => boolean {
  let last = -1
  return () => {
    const now = Math.floor(performance.now() / 1_000)
    if (now === last) return false
    last = now
    return true
  }
}

/** Whether more comes in this second than may; that is said once. */
export function createFlood(most: number, say: () => void | Promise<void>): { isOver(): boolean } {
  let [second, count] = [0, 0]
  return {
    isOver() {
      const now = Math.floor(performance.now() / 1_000)
      if (now !== second) [second, count] = [now, 0]
      if (++count === most + 1) void Promise.resolve(say()).catch(() => undefined)
      return count > most
    },
  }
}
