import { randomInt } from 'node:crypto'
import { writeSync } from 'node:fs'
import { openKilled } from './killed-vault.ts'

/** Keeps, replaces and ends values until it is killed; says on standard output what it is about to do, and what is done. */
const CALLERS = 3
const [directory = '', round = '0'] = process.argv.slice(2)
const { vault } = await openKilled(directory)
let n = 0

async function caller(which: number): Promise<never> {
  for (;;) {
    const name = `s${which}.${randomInt(4)}`
    const isKnown = (await vault.list()).some((each) => each.name === name)
    const value = isKnown && randomInt(5) === 0 ? 'revoked' : `value-${round}-${++n}`
    say(`try ${name} ${value}\n`)
    if (value === 'revoked') await vault.revoke(name, 'test', 'a try')
    else await vault.set(name, Buffer.from(value), { type: 'api_key' }, 'test')
    say(`done ${name} ${value}\n`)
  }
}

/** A pipe that is full says so and takes the line a moment later. */
function say(line: string): void {
  for (;;) {
    try {
      writeSync(1, line)
      return
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'EAGAIN') throw thrown
    }
  }
}

await Promise.all(Array.from({ length: CALLERS }, (_, which) => caller(which)))
