import { readdirSync, readFileSync } from 'node:fs'

/** O_CLOEXEC as `/proc/self/fdinfo` shows it. */
const CLOEXEC = 0o2000000

/** Descriptors beyond the first three that a child of this process would inherit: Node closes its own, not those it was given. */
export function strayDescriptors(): readonly number[] {
  const stray: number[] = []
  for (const name of readdirSync('/proc/self/fd')) {
    const fd = Number(name)
    if (fd < 3) continue
    try {
      const flags = /^flags:\s+(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${name}`, 'utf8'))?.[1] ?? '0'
      if ((Number.parseInt(flags, 8) & CLOEXEC) === 0) stray.push(fd)
    } catch {
      // closed meanwhile
    }
  }
  return stray
}
