import { isJsonObject, type Json } from '@sallyport/core'
import type { CliIo } from '../command.ts'
import { textOf } from './answers.ts'

/** The one time a key is shown: the key alone on standard output, everything about it on standard error. */
export function printKey(io: CliIo, answer: Json): void {
  if (io.json) {
    io.out(JSON.stringify(answer))
    return
  }
  const { agent, key } = isJsonObject(answer) ? answer : {}
  if (isJsonObject(agent)) {
    const [name, level, end] = ['name', 'trustLevel', 'keyExpiresAt'].map((member) => textOf(agent, member))
    io.err(`Agent ${name}, trust level ${level}. The key ends ${end}.`)
  }
  io.err('This is shown once. Keep it like a password: not in a file of the workspace, not in a chat.')
  io.out(typeof key === 'string' ? key : '')
}
