import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { makeDirectory } from '../store/temporary.ts'
import { until } from './kit.ts'

const DAEMON = ['/usr/sbin/rsyslogd', '/usr/bin/rsyslogd'].find((path) => existsSync(path))
export const hasRsyslog = DAEMON !== undefined
/** Its driver for TLS is a package of its own. */
export const hasTls =
  hasRsyslog && readdirSync('/usr/lib').some((name) => existsSync(join('/usr/lib', name, 'rsyslog/lmnsd_ossl.so')))

export interface TlsFiles {
  readonly cert: string
  readonly key: string
  readonly ca: string
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

const FIELDS = ['hostname', 'app-name', 'msgid', 'structured-data', 'msg', 'syslogseverity-text', 'syslogfacility-text']

const TLS_ONLY = ' streamDriver.name="ossl" streamDriver.mode="1" streamDriver.authMode="anon"'
const driver = (tls: TlsFiles | undefined): string =>
  tls === undefined
    ? ''
    : ` defaultNetstreamDriver="ossl" defaultNetstreamDriverCAFile="${tls.ca}" defaultNetstreamDriverCertFile="${tls.cert}" defaultNetstreamDriverKeyFile="${tls.key}"`

/** What a real rsyslogd made of what it got over UDP, TCP (with `tls`: TLS, RFC 5425) or a stream socket: one object for each message. */
export async function startRsyslog(tls?: TlsFiles) {
  if (DAEMON === undefined) throw new Error('no rsyslogd')
  const directory = makeDirectory()
  const [port, path, out] = [await freePort(), join(directory, 'in.sock'), join(directory, 'out')]
  const config = `
global(workDirectory="${directory}" maxMessageSize="8k" parser.permitSlashInProgramName="on"${driver(tls)})
module(load="imudp") module(load="imtcp"${tls === undefined ? '' : TLS_ONLY}) module(load="imptcp")
template(name="json" type="list" option.jsonf="on") {
${FIELDS.map((name) => `  property(outname="${name}" name="${name}" format="jsonf")`).join('\n')}
}
ruleset(name="all") { action(type="omfile" file="${out}" template="json") }
input(type="imudp" port="${port}" address="127.0.0.1" ruleset="all")
input(type="imtcp" port="${port}" address="127.0.0.1" ruleset="all")
input(type="imptcp" path="${path}" unlink="on" ruleset="all")
`
  const file = join(directory, 'rsyslog.conf')
  writeFileSync(file, config)
  const daemon = spawn(DAEMON, ['-n', '-f', file, '-i', join(directory, 'pid')], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  daemon.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  onTestFinished(() => void daemon.kill())
  await until(() => existsSync(path) || daemon.exitCode !== null)
  if (daemon.exitCode !== null) throw new Error(`rsyslogd did not start: ${said}`)
  const got = (): readonly Record<string, string>[] =>
    !existsSync(out)
      ? []
      : readFileSync(out, 'utf8')
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line) as Record<string, string>)
  return { port, path, got }
}
