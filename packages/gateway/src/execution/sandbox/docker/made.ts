import { readlinkSync } from 'node:fs'
import { isThere, seenAs, type Seen } from '../processes.ts'
import type { Engine } from './engine.ts'

/** Says on a container whose it is: a process of which namespace, by id and start. */
const MAKER = 'sallyport.maker'

const namespace = (): string => readlinkSync('/proc/self/ns/pid')

export function makerLabels(): Readonly<Record<string, string>> {
  const { pid, start = '' } = seenAs(process.pid)
  return { [MAKER]: `${namespace()} ${pid} ${start}` }
}

/** Removes containers whose makers are no more (HB-141). Those of makers that cannot be seen from here are left alone. */
export async function sweepContainers(engine: Engine): Promise<void> {
  const filters = encodeURIComponent(JSON.stringify({ label: [MAKER] }))
  const { value } = await engine.ask('GET', `/containers/json?all=true&filters=${filters}`)
  const found = Array.isArray(value) ? (value as readonly Made[]) : []
  await Promise.all(found.filter(isLeft).map(({ Id }) => removeContainer(engine, Id)))
}

/** Whatever state it is in. The engine may be removing it already, or be gone: then the next start does. */
export async function removeContainer(engine: Engine, id: string): Promise<void> {
  await engine.ask('DELETE', `/containers/${id}?force=true`, undefined, [404, 409]).catch(() => undefined)
}

interface Made {
  readonly Id: string
  readonly Labels: Readonly<Record<string, string>>
}

function isLeft({ Labels }: Made): boolean {
  const [where, pid, start] = (Labels[MAKER] ?? '').split(' ')
  const maker: Seen = { pid: Number(pid), start }
  return where === namespace() && !isThere(maker)
}
