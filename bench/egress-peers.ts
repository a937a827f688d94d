import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, chmodSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

/** A proxy of others that is installed here. */
export interface Peer {
  readonly name: string
  readonly port: number
  readonly close: () => void
}

interface Kind {
  readonly configuration: (port: number, upstream: number) => string
  readonly words: (file: string) => readonly string[]
}

const PEERS: Readonly<Record<string, Kind>> = {
  tinyproxy: {
    configuration: (port, upstream) =>
      `Port ${port}\nListen 127.0.0.1\nTimeout 60\nMaxClients 1000\nAllow 127.0.0.1\nConnectPort ${upstream}\nLogLevel Critical\n`,
    words: (file) => ['-d', '-c', file],
  },
  squid: {
    configuration: (port, upstream) =>
      `http_port 127.0.0.1:${port}\nacl there port ${upstream}\nhttp_access allow there\nhttp_access deny all\ncache deny all\naccess_log none\ncache_store_log none\ncache_log /dev/null\npid_filename none\nmax_filedescriptors 8192\nshutdown_lifetime 0 seconds\n`,
    words: (file) => ['-N', '-f', file],
  },
}

/** Starts those that are installed. */
export async function startPeers(
  upstream: number,
): Promise<{ readonly peers: readonly Peer[]; readonly absent: readonly string[] }> {
  const all = await Promise.all(
    Object.entries(PEERS).map(async ([name, kind]) => ({ name, peer: await start(name, kind, upstream) })),
  )
  return {
    peers: all.flatMap(({ peer }) => peer ?? []),
    absent: all.filter(({ peer }) => peer === undefined).map(({ name }) => name),
  }
}

async function start(name: string, { configuration, words }: Kind, upstream: number): Promise<Peer | undefined> {
  const program = installed(name)
  if (program === undefined) return undefined
  const place = mkdtempSync(join(tmpdir(), `sallyport-bench-${name}-`))
  // squid reads it as somebody else
  chmodSync(place, 0o755)
  const port = await freePort()
  const file = join(place, 'configuration')
  writeFileSync(file, configuration(port, upstream))
  const child: ChildProcess = spawn(program, words(file), { stdio: 'ignore', cwd: place })
  const close = (): void => {
    child.kill('SIGKILL')
    rmSync(place, { recursive: true, force: true })
  }
  if (await answers(port)) return { name, port, close }
  close()
  return undefined
}

function installed(name: string): string | undefined {
  const places = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  return places
    .map((place) => join(place, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Within ten seconds. */
async function answers(port: number): Promise<boolean> {
  for (let n = 0; n < 100; n++) {
    const socket = connect(port, '127.0.0.1')
    const is = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
    socket.destroy()
    if (is) return true
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return false
}
