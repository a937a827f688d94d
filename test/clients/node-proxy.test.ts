import { execFile, execFileSync } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callers, hasSandbox, sallyport, workspaceOf } from '../sandbox/machine.ts'

const FILE = fileURLToPath(new URL('../../packages/gateway/inside/node-proxy.cjs', import.meta.url))
const PROGRAM = fileURLToPath(new URL('../../packages/gateway/bin/sallyport.js', import.meta.url))
const isRoot = process.getuid?.() === 0

/** What a program says of where each of its requests went. */
const ASK = `
const http = require('http'), https = require('https')
const say = (name, text) => console.log(name + ': ' + text)
const failed = (error) => (error.cause ?? error).code
const by = (name, url, options = {}) => new Promise((resolve) => {
  const request = (url.startsWith('https:') ? https : http).request(url, options, (response) => {
    let text = ''
    response.on('data', (chunk) => (text += chunk)).on('end', () => resolve(say(name, text)))
  })
  request.on('error', (error) => resolve(say(name, failed(error)))).end()
})
const fetched = (name, url, options) =>
  fetch(url, options).then((r) => r.text()).then((text) => say(name, text), (error) => say(name, failed(error)))
`

describe('Node that is told of a proxy', () => {
  let proxy: Server
  let direct: Server
  const asked: string[] = []
  const answer = (who: string) => createServer((request, response) => response.end(`${who} ${request.url ?? ''}`))
  const portOf = (server: Server): number => (server.address() as AddressInfo).port

  beforeAll(async () => {
    proxy = answer('proxy')
    proxy.on('connect', ({ url = '' }, socket) => {
      asked.push(url)
      socket.end('HTTP/1.1 403 Forbidden\r\nx-sallyport-deny: not_allowlisted\r\ncontent-length: 0\r\n\r\n')
    })
    direct = answer('direct')
    for (const server of [proxy, direct]) await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  })
  afterAll(() => {
    proxy.close()
    direct.close()
  })

  /** Runs code under the file, with these variables. */
  const node = async (code: string, env: Readonly<Record<string, string>> = {}): Promise<readonly string[]> => {
    asked.length = 0
    const variables = { PATH: process.env['PATH'], NODE_OPTIONS: `--require=${FILE}`, ...env }
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['-e', `${ASK}${code}`], { env: variables })
    expect(stderr).toBe('')
    return stdout.trim().split('\n')
  }
  const through = (more: Readonly<Record<string, string>> = {}) => {
    const url = `http://127.0.0.1:${portOf(proxy)}`
    return { HTTP_PROXY: url, HTTPS_PROXY: url, ...more }
  }

  it('E-66: says whole URLs to it for HTTP, and opens tunnels for HTTPS, whichever agent asks', async () => {
    const said = await node(
      `;(async () => {
await fetched('fetch', 'http://a.example/x?y')
await by('http', 'http://a.example:81/x')
await by('agent', 'http://a.example/', { agent: new http.Agent({ keepAlive: true }) })
await by('list of headers', 'http://a.example/l', { headers: ['host', 'a.example'] })
await fetched('fetch', 'https://b.example/')
await by('https', 'https://c.example:444/')
await by('agent', 'https://d.example/', { agent: new https.Agent({ keepAlive: true }) })
await by('no agent', 'https://e.example/', { agent: false })
await by('IPv6', 'https://[2001:db8::1]/')
})()`,
      through(),
    )
    expect(said).toEqual([
      'fetch: proxy http://a.example/x?y',
      'http: proxy http://a.example:81/x',
      'agent: proxy http://a.example/',
      'list of headers: proxy http://a.example/l',
      ...['fetch', 'https', 'agent', 'no agent', 'IPv6'].map((name) => `${name}: ERR_PROXY_TUNNEL`),
    ])
    expect(asked).toEqual(['b.example:443', 'c.example:444', 'd.example:443', 'e.example:443', '[2001:db8::1]:443'])
  })

  it.each([
    ['nothing', {}],
    ['another scheme of proxy', { HTTP_PROXY: 'socks5://127.0.0.1:1', HTTPS_PROXY: 'socks5://127.0.0.1:1' }],
    ['what is no URL', { HTTP_PROXY: '::::', HTTPS_PROXY: '::::' }],
  ])('with %s in the variables it is as without the file', async (_what, env) => {
    const said = await node(
      `fetched('fetch', 'http://127.0.0.1:${portOf(direct)}/a'); by('http', 'http://127.0.0.1:${portOf(direct)}/b')`,
      env,
    )
    expect([...said].sort()).toEqual(['fetch: direct /a', 'http: direct /b'])
  })

  it.each([
    ['127.0.0.1', 'direct'],
    ['*', 'direct'],
    ['a.example, 127.0.0.1:PORT', 'direct'],
    ['127.0.0.1:1', 'proxy'],
    ['0.0.1', 'direct'],
    ['7.0.0.1', 'proxy'],
    ['', 'proxy'],
  ])('NO_PROXY=%j: %s', async (list, who) => {
    const url = `http://127.0.0.1:${portOf(direct)}/`
    const said = await node(
      `fetched('fetch', '${url}'); by('http', '${url}')`,
      through({ NO_PROXY: list.replace('PORT', String(portOf(direct))) }),
    )
    const path = who === 'direct' ? '/' : url
    expect([...said].sort()).toEqual([`fetch: ${who} ${path}`, `http: ${who} ${path}`])
  })

  it('leaves to a program what it chose itself: a dispatcher, an agent that connects in its own way', async () => {
    const url = `http://127.0.0.1:${portOf(direct)}/`
    const said = await node(
      `const { Agent } = http
class Own extends Agent { createConnection(options, done) { return super.createConnection({ ...options, host: '127.0.0.1', port: ${portOf(direct)} }, done) } }
by('own agent', 'http://a.example/q', { agent: new Own() }).then(() => {
  globalThis[Symbol.for('undici.globalDispatcher.1')] = { dispatch() { console.log('own dispatcher'); process.exit() } }
  return fetch('${url}')
})`,
      through(),
    )
    expect(said).toEqual(['own agent: direct /q', 'own dispatcher'])
  })

  it('costs a start little, and loads nothing that a program does not use', () => {
    const code =
      'console.log(process.moduleLoadList.filter((name) => /undici|internal.tls|_tls_wrap/.test(name)).join())'
    const env = { PATH: process.env['PATH'] ?? '' }
    const run = (options: string): string =>
      execFileSync(process.execPath, ['-e', code], { env: { ...env, NODE_OPTIONS: options }, encoding: 'utf8' })
    expect(run(`--require=${FILE}`)).not.toContain('undici/undici')
  })
})

describe.skipIf(!hasSandbox).each(callers.map((caller) => [caller.name, caller] as const))(
  'what Node inside is told, in a sandbox of %s',
  (_name, caller) => {
    const { path, home, done } = workspaceOf(caller)
    afterAll(done)
    const exec = (options: readonly string[], script: string) =>
      sallyport(caller, home, ['sandbox', 'exec', '--workspace', path, ...options, '--', 'sh', '-c', script])
    const allow = ['--allow', 'a.example']

    it('T-139: the file is there where there is a way out, read-only, and nowhere else', () => {
      const out = exec(allow, 'echo "$NODE_OPTIONS"; cat $(echo "$NODE_OPTIONS" | cut -d= -f2) | head -1')
      expect(out.out).toBe("--require=/etc/sallyport/node-proxy.cjs\n'use strict'\n")
      const none = exec([], 'echo "[$NODE_OPTIONS]"; ls /etc/sallyport; node -p 1')
      expect(none.out).toBe('[]\n1\n')
      const changed = exec(
        allow,
        'cd /etc/sallyport; echo x > node-proxy.cjs; rm node-proxy.cjs; mv /etc/sallyport /etc/s; mkdir n; node -p 1',
      )
      expect(changed.out).toBe('1\n')
      expect(changed.err.match(/Read-only file system|Permission denied|busy/g)?.length).toBeGreaterThan(3)
    })

    it('AC-6.5.2: it opens nothing: without it, with its words changed or past it, nothing more is reached', () => {
      const code = `const say = (name) => (error) => console.log(name, (error.cause ?? error).code ?? error)
const to = process.argv[1]
fetch(to).then((r) => console.log("reached", r.status), say("fetch"))
require("https").get(to, () => console.log("reached")).on("error", say("https"))
require("net").connect(443, "192.0.2.1", () => console.log("reached")).on("error", say("net"))`
      const ways = [
        '',
        'NODE_OPTIONS=',
        'NO_PROXY="*" no_proxy="*"',
        'HTTPS_PROXY=http://192.0.2.1:80 https_proxy=http://192.0.2.1:80',
      ]
      for (const way of ways) {
        const { out, err } = exec(allow, `${way} node -e '${code}' https://b.example/`)
        expect(out, `${way} ${err}`).not.toContain('reached')
        expect(out.trim().split('\n'), `${way} ${err}`).toHaveLength(3)
      }
    })

    it('programs work under it as they do without: modules, tests, workers, children, options of their own', () => {
      const { code, out, err } = exec(
        allow,
        `node --input-type=module -e 'console.log("module")'
echo 'require("node:test")("x", () => {})' > /tmp/x.test.cjs && node --test --test-reporter=tap /tmp/x.test.cjs | grep -c '^ok'
NODE_OPTIONS="$NODE_OPTIONS --max-old-space-size=64" node -p 'process.env.NODE_OPTIONS.includes("64")'
env -i "PATH=$PATH" node -p '"bare"'
node -e 'const { Worker } = require("worker_threads"); new Worker("console.log(typeof fetch)", { eval: true, env: {} })'
npm --version > /dev/null && echo npm`,
      )
      expect({ code, err }).toEqual({ code: 0, err: '' })
      expect(out).toBe('module\n1\ntrue\nbare\nfunction\nnpm\n')
    })

    it('the loopback of a sandbox is its own, for Node and for all others', () => {
      const server = 'require("http").createServer((q, r) => r.end("mine\\n")).listen(8080, "127.0.0.1")'
      const { out } = exec(
        allow,
        `node -e '${server}' & sleep 1; curl -sS http://localhost:8080/
node -e 'fetch("http://127.0.0.1:8080/").then(async (r) => process.stdout.write(await r.text()))'
node -e 'require("http").get("http://localhost:8080/", (r) => r.pipe(process.stdout))'; kill %1`,
      )
      expect(out).toBe('mine\n'.repeat(3))
    })
  },
)

describe.skipIf(!hasSandbox || !isRoot)('the program itself', () => {
  it('T-039: starts with exactly what sandboxes set, and with nothing more', () => {
    // a file below a directory of root's, in a mount namespace where it is there
    const script = `mkdir -p /run/sp && mount -t tmpfs none /mnt && mkdir -p /mnt/e && cp -a /etc/. /mnt/e && mkdir -p /mnt/e/sallyport && cp "$1" /mnt/e/sallyport/ && mount --bind /mnt/e /etc
NODE_OPTIONS=--require=/etc/sallyport/node-proxy.cjs "$2" "$3" --version; echo "$?"
NODE_OPTIONS="--require=/etc/sallyport/node-proxy.cjs --no-warnings" "$2" "$3" --version 2>&1; echo "$?"`
    const words = ['--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', FILE, process.execPath, PROGRAM]
    const out = execFileSync('unshare', words, { encoding: 'utf8', cwd: join(FILE, '..') })
    expect(out).toMatch(/^\d+\.\d+\.\d+\n0\n/)
    expect(out).toMatch(/SP_CLI_USAGE[^]*NODE_OPTIONS[^]*\n2\n$/)
  })
})
