/**
 * A read that many ask for at once. While one runs, all who ask share the next one, which begins after each of them asked: what
 * was written before somebody asked is in the answer, and a thousand pages that ask cost two reads, not a thousand.
 * @param read what `key` names; its results are shared, so nobody may change them
 */
export function sharedRead<K, T>(read: (key: K) => Promise<T>): (key: K) => Promise<T> {
  const running = new Map<string, Promise<unknown>>()
  const next = new Map<string, Promise<T>>()
  const start = (name: string, key: K): Promise<T> => {
    next.delete(name)
    const one = read(key)
    // one of a name runs at a time, so that it is this one that ends
    const end = (): void => void running.delete(name)
    running.set(name, one.then(end, end))
    return one
  }
  return (key) => {
    const name = JSON.stringify(key)
    const waits = next.get(name)
    if (waits !== undefined) return waits
    const before = running.get(name)
    if (before === undefined) return start(name, key)
    const one = before.then(() => start(name, key))
    next.set(name, one)
    return one
  }
}
