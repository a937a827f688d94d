import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { textOf } from '../../execution/sandbox/host.ts'
import { systemRandom } from '../../random.ts'
import type { ProbeGround } from '../../assurance/probes/probe.ts'

export interface PreparedGround {
  readonly ground: ProbeGround
  /** The workspace as it was at first: a probe may have left something. */
  freshen(): void
  close(): Promise<void>
}

const FILES: Readonly<Record<string, string>> = {
  '.git/HEAD': 'ref: refs/heads/main\n',
  '.git/config': '[core]\n\trepositoryformatversion = 0\n',
  '.git/hooks/pre-commit.sample': '',
  '.git/refs/heads/.keep': '',
  '.git/objects/.keep': '',
  '.claude/settings.json': '{}\n',
  '.vscode/tasks.json': '{}\n',
  '.envrc': '',
  '.mcp.json': '{}\n',
}

/** Puts on this machine what probes reach for: files, listeners and a process that nothing in a sandbox may find. */
export async function prepareGround(): Promise<PreparedGround> {
  const place = mkdtempSync(join(tmpdir(), 'sallyport-probe-'))
  chmodSync(place, 0o755)
  const [outside, workspace] = [join(place, 'outside'), join(place, 'work')]
  const canary = `canary-${systemRandom.uuid()}`
  mkdirSync(outside)
  writeFileSync(join(outside, 'secret'), `${canary}\n`, { mode: 0o666 })
  chmodSync(join(outside, 'secret'), 0o666)
  // a name that a shared directory for temporary files would show
  const trace = join(tmpdir(), canary)
  writeFileSync(trace, '')
  const freshen = (): void => {
    rmSync(workspace, { recursive: true, force: true })
    for (const [name, text] of Object.entries(FILES)) {
      mkdirSync(join(workspace, name, '..'), { recursive: true })
      writeFileSync(join(workspace, name), text)
    }
  }
  freshen()
  const ipv4 = await listening(createServer(answer), { host: '127.0.0.1', port: 0 })
  const { port } = ipv4.address() as AddressInfo
  const ipv6 = await listening(createServer(answer), { host: '::1', port }).catch(() => undefined)
  const abstract = `sallyport-${canary}`
  const unix = await listening(createServer(answer), { path: `\0${abstract}` })
  const udp = createSocket('udp4', (_, from) => udp.send('seen', from.port, from.address))
  udp.bind(0, '127.0.0.1')
  await once(udp, 'listening')
  const sleeper = spawn('sleep', ['600'], { stdio: 'ignore' })
  return {
    ground: {
      ...{ outside, workspace, canary, port, abstract },
      pid: sleeper.pid ?? 0,
      udp: udp.address().port,
      variable: 'SALLYPORT_PROBE',
      boot: createHash('md5').update(textOf('/proc/cmdline')).digest('hex'),
    },
    freshen,
    async close() {
      sleeper.kill('SIGKILL')
      udp.close()
      await Promise.all(
        [ipv4, ipv6, unix].map((server) => new Promise((done) => server?.close(done) ?? done(undefined))),
      )
      for (const path of [place, trace]) rmSync(path, { recursive: true, force: true })
    },
  }
}

const answer = (socket: Socket): void => {
  socket.on('error', () => socket.destroy())
  socket.end('seen')
}

async function listening(server: Server, where: { host?: string; port?: number; path?: string }): Promise<Server> {
  server.listen(where)
  await once(server, 'listening')
  return server
}
