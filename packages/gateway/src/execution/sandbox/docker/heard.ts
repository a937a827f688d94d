import type { ChildProcess } from 'node:child_process'
import { READY_LIMIT } from '../gate.ts'
import { pipeOf } from '../running.ts'
import { unavailable } from './engine.ts'
import { FD } from './hand-over.ts'

/**
 * What the porter says: resolves with what follows a word.
 * @throws SallyportError SP_SANDBOX_UNAVAILABLE when it ends before, or takes too long
 */
export function heardFrom(child: ChildProcess): (word: string) => Promise<string> {
  let said = ''
  const pipe = pipeOf(child, FD.orders)
  pipe?.on('data', (chunk: Buffer) => (said += chunk.toString('latin1')))
  for (const stream of child.stdio.slice(3)) stream?.on('error', () => undefined)
  child.on('error', () => undefined)
  return (word) =>
    new Promise((resolve, reject) => {
      const done = (settle: () => void): void => {
        clearTimeout(limit)
        pipe?.off('data', look)
        child.off('exit', ended)
        settle()
      }
      const look = (): void => {
        const found = new RegExp(`^${word} ?(.*)\n`, 'm').exec(said)?.[1]
        if (found !== undefined) done(() => resolve(found))
      }
      const fail = (what: string) => (): void => done(() => reject(unavailable(what)))
      const ended = fail('what hands its descriptors over ended before it was ready')
      const limit = setTimeout(fail('nothing in the container came to the gate in time'), READY_LIMIT)
      pipe?.on('data', look)
      child.once('exit', ended)
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) ended()
      else look()
    })
}
