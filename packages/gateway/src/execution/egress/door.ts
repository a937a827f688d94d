import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { SallyportError } from '@sallyport/core'
import type { WayOut } from './listener.ts'
import { createSecond } from './pace.ts'

/** What a client says of itself (RFC 9110 section 11.7.1). */
export interface Shown {
  readonly name: string
  readonly token: string
}

/** A way out that is given its connections one by one. */
export interface HandedOver {
  readonly take: (socket: Socket) => void
  readonly close: () => void
}

export interface DoorDeps {
  /** Takes a connection of whom this is shown; undefined for nobody that may pass. */
  readonly admit: (shown: Shown) => Promise<HandedOver | undefined>
  /** Told of refusals, once a second. */
  readonly refused: (name: string) => Promise<void>
}

/** Longest head of a first request, bytes. */
const HEAD = 16_384
const HEAD_LIMIT = 10_000
/** Connections that have not said yet who they are. */
const MOST_WAITING = 128
const END = Buffer.from('\r\n\r\n')

const BODY = `${JSON.stringify({ error: 'not let through by Sallyport', reason: 'proxy_authentication' })}\n`
const REFUSAL = [
  'HTTP/1.1 407 Proxy Authentication Required',
  'proxy-authenticate: Basic realm="sallyport", charset="UTF-8"',
  'x-sallyport-deny: proxy_authentication',
  'content-type: application/json',
  `content-length: ${Buffer.byteLength(BODY)}`,
  'connection: close',
  '',
  BODY,
].join('\r\n')

export function handedOver(serve: WayOut): HandedOver {
  // never listens: what it gets was accepted elsewhere
  const listener = createServer()
  return { take: (socket) => void listener.emit('connection', socket), close: serve(listener) }
}

/**
 * The way out for agents that are in no sandbox. Where a listener inside a sandbox is known by where it stands, here every connection says
 * in its first request who it is: one connection carries one request or one tunnel. Nothing is decided here but whose it is.
 * @param place `host:port` on the loopback
 * @returns closes it; connections that were handed on belong to who took them
 * @throws SallyportError SP_CONFIG_INVALID when nothing can listen there
 */
export async function openDoor(place: string, { admit, refused }: DoorDeps): Promise<() => void> {
  const [, host = '', port = ''] = /^(.+):(\d+)$/.exec(place) ?? []
  const listener = createServer()
  const waiting = new Set<Socket>()
  const isNewSecond = createSecond()
  const meet = async (socket: Socket): Promise<void> => {
    const head = await headOf(socket)
    if (head === undefined) return void socket.destroy()
    const shown = shownIn(head)
    const way = shown === undefined ? undefined : await admit(shown)
    if (way !== undefined) {
      socket.unshift(head)
      return way.take(socket)
    }
    if (shown !== undefined && isNewSecond()) await refused(shown.name.slice(0, 64))
    socket.end(REFUSAL)
  }
  listener.on('connection', (socket: Socket) => {
    if (waiting.size >= MOST_WAITING) return void socket.destroy()
    waiting.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => socket.destroy())
    const late = setTimeout(() => socket.destroy(), HEAD_LIMIT)
    const over = (): void => {
      clearTimeout(late)
      waiting.delete(socket)
    }
    socket.once('close', over)
    meet(socket)
      .catch(() => socket.destroy())
      .finally(over)
  })
  try {
    // what is no place would be any port of every interface
    if (host === '') throw new RangeError('It is no place.')
    listener.listen(Number(port), host.replace(/^\[|\]$/g, ''))
    await once(listener, 'listening')
  } catch (cause) {
    throw new SallyportError('SP_CONFIG_INVALID', `egress.listen: nothing can listen at ${place}.`, { cause })
  }
  return () => {
    listener.close()
    for (const socket of waiting) socket.destroy()
  }
}

/** All that came until the first head was whole; undefined when it never is. */
async function headOf(socket: Socket): Promise<Buffer | undefined> {
  let bytes = Buffer.alloc(0)
  return new Promise((resolve) => {
    const done = (head?: Buffer): void => {
      socket.off('readable', read)
      socket.off('end', none)
      socket.off('close', none)
      resolve(head)
    }
    const none = (): void => done()
    const read = (): void => {
      for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null)
        bytes = Buffer.concat([bytes, chunk])
      if (bytes.includes(END)) done(bytes)
      else if (bytes.length > HEAD) none()
    }
    socket.on('readable', read)
    socket.once('end', none)
    socket.once('close', none)
    read()
  })
}

/** Who a head says that it is, once; undefined when it does not, or in a form that readers may take for two things. */
function shownIn(bytes: Buffer): Shown | undefined {
  const lines = bytes.subarray(0, bytes.indexOf(END)).toString('latin1').split('\r\n')
  const said = lines.filter((line) => /^proxy-authorization[ \t]*:/i.test(line))
  const [, encoded = ''] =
    /^proxy-authorization:[ \t]*basic[ \t]+([A-Za-z0-9+/]+={0,2})[ \t]*$/i.exec(said[0] ?? '') ?? []
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return said.length === 1 && colon > 0 ? { name: text.slice(0, colon), token: text.slice(colon + 1) } : undefined
}
