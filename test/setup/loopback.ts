import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import { isIP, Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { afterEach } from 'vitest'

// Tests reach nothing outside this machine (AC-7.3.6). What a test's own process dials or looks up fails, and so does the test,
// on every machine. Programs that tests start are held to it by `npm run test:offline`.
// This file is run before each file of tests; the process, which many of them share, is guarded once.

const PLACE = Symbol.for('sallyport.test.attempts')
const world = globalThis as { [PLACE]?: string[] }
const isGuarded = world[PLACE] !== undefined
const attempts: string[] = (world[PLACE] ??= [])
const LOOPBACK = /^(?:127\.|::1$|::ffff:127\.|0\.0\.0\.0$|::$)/i

const isOwn = (address: string): boolean =>
  LOOPBACK.test(address) ||
  Object.values(networkInterfaces()).some((all) => all?.some((one) => one.address === address))

const isLocalName = (name: string): boolean => /^(?:.*\.)?localhost\.?$/i.test(name)

function refusal(what: string, code: string): NodeJS.ErrnoException {
  attempts.push(what)
  return Object.assign(new Error(`A test must not go outside this machine: ${what}`), { code })
}

type Connect = (this: Socket, ...words: unknown[]) => Socket
interface Target {
  readonly host?: string
  readonly path?: string
}

const connect = Reflect.get(Socket.prototype, 'connect') as Connect
const guarded: Connect = function (...words) {
  const { host = 'localhost', path } = target(words)
  if (path === undefined && isIP(host) !== 0 && !isOwn(host)) return this.destroy(refusal(host, 'ENETUNREACH'))
  this.on('lookup', (error: Error | null, address: string) => {
    if (error === null && !isOwn(address)) this.destroy(refusal(`${address} (${host})`, 'ENETUNREACH'))
  })
  return connect.apply(this, words)
}

/** `connect(options)`, `connect(port, host)`, `connect(path)`, and the list that `net.connect` makes of any of them. */
function target(words: readonly unknown[]): Target {
  const [first, second] = Array.isArray(words[0]) ? (words[0] as readonly unknown[]) : words
  if (typeof first === 'object' && first !== null) return first
  if (typeof first === 'string' && !/^\d+$/.test(first)) return { path: first }
  return typeof second === 'string' ? { host: second } : {}
}

type Lookup = (name: string, ...rest: readonly unknown[]) => unknown
const lookUp = dns.lookup as unknown as Lookup
const promiseLookUp = dns.promises.lookup as unknown as Lookup
const known = (name: string): boolean => !name || isIP(name) !== 0 || isLocalName(name)

if (!isGuarded) guard()

function guard(): void {
  Reflect.set(Socket.prototype, 'connect', guarded)
  Object.assign(dns, {
    lookup: (name: string, ...rest: readonly unknown[]) => {
      const answer = rest.at(-1)
      if (known(name) || typeof answer !== 'function') return lookUp(name, ...rest)
      process.nextTick(answer, refusal(name, 'ENOTFOUND'))
      return {}
    },
  })
  Object.assign(dns.promises, {
    lookup: (name: string, ...rest: readonly unknown[]) =>
      known(name) ? promiseLookUp(name, ...rest) : Promise.reject(refusal(name, 'ENOTFOUND')),
  })
  syncBuiltinESMExports()
}

/** Forgets what the test that runs has tried so far, and throws when that was something. */
export function judge(): void {
  const outside = attempts.splice(0)
  if (outside.length > 0) throw new Error(`A test went outside this machine: ${outside.join(', ')}`)
}

afterEach(judge)
