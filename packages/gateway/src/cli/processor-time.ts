/** Milliseconds of processor time: what is bounded by it gives the same answer on a busy machine. */
export function processorTime(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
