import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { CLAUDE_CODE } from '../../packages/gateway/src/hosts/claude-code.ts'
import { CODEX } from '../../packages/gateway/src/hosts/codex.ts'
import { frameAnswer } from '../../packages/gateway/src/hosts/frame.ts'
import type { WiredHost } from '../../packages/gateway/src/hosts/host.ts'
import { hookCommand, hookScript, nodeHookClients, nodeHookCommand } from '../../packages/gateway/src/hosts/script.ts'

const curl = ['/usr/bin/curl', '/bin/curl', '/usr/local/bin/curl'].find((path) => existsSync(path))
const entry = fileURLToPath(new URL('../../packages/gateway/dist/cli/hook/entry.js', import.meta.url))

let dir = ''
let server: Server
let behave: (request: IncomingMessage, response: ServerResponse, body: string) => void
let seen: { headers: IncomingMessage['headers']; url: string | undefined; body: string }[] = []

const deny = CLAUDE_CODE.encode({ event: 'tool.before', native: 'PreToolUse' }, { kind: 'deny', reason: 'No.' })
const say =
  (text: string, status = 200) =>
  (_q: IncomingMessage, response: ServerResponse) =>
    void response.writeHead(status, { 'content-type': 'text/plain' }).end(text)

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "sp hook 'x "))
  writeFileSync(join(dir, 'credential'), 'authorization: Bearer one\n')
  server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      seen.push({ headers: request.headers, url: request.url, body })
      behave(request, response, body)
    })
  })
  await new Promise<void>((resolve) => server.listen(join(dir, 's.sock'), resolve))
})
afterAll(() => {
  server.close()
  server.closeAllConnections()
  rmSync(dir, { recursive: true, force: true })
})
beforeEach(() => {
  seen = []
  behave = say(frameAnswer({ exit: 0, stdout: {}, stderr: '' }))
})

interface Ran {
  readonly exit: number | null
  readonly stdout: string
  readonly stderr: string
  readonly ms: number
}

interface Options {
  readonly host?: WiredHost
  readonly observe?: boolean
  readonly stdin?: string
  readonly env?: Record<string, string>
  readonly cwd?: string
  readonly socket?: string
  readonly credential?: string
  readonly curl?: string
  readonly closeStdout?: boolean
}

/** Runs the command line exactly as it stands in a host's configuration: through `sh -c`, as hosts do. */
function runCommand(form: 'sh' | 'node', options: Options = {}): Promise<Ran> {
  const host = options.host ?? CLAUDE_CODE
  const socket = options.socket ?? join(dir, 's.sock')
  const credential = options.credential ?? join(dir, 'credential')
  const script = join(dir, 'hook.sh')
  const start = ['/bin/sh', '-c', `: > '${join(dir, 'started').replaceAll("'", "'\\''")}'`]
  if (form === 'sh')
    writeFileSync(script, hookScript(host, { script, socket, credential, curl: options.curl ?? curl ?? '', start }))
  else writeFileSync(join(dir, 'clients.json'), JSON.stringify(nodeHookClients(host, { socket, credential })))
  const command =
    form === 'sh'
      ? hookCommand(host, script)
      : nodeHookCommand(host, process.execPath, entry, join(dir, 'clients.json'))
  const line =
    (options.observe === true ? command.observe : command.gate) + (options.closeStdout === true ? ' >&-' : '')
  return new Promise((resolve) => {
    const started = performance.now()
    const child = spawn('/bin/sh', ['-c', line], {
      cwd: options.cwd ?? dir,
      env: { PATH: '/usr/bin:/bin', ...options.env },
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk))
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.stdin ?? '{"x":1}')
    child.on('close', (exit) => resolve({ exit, stdout, stderr, ms: performance.now() - started }))
  })
}

const isDeny = (ran: Ran): void => {
  expect(ran.exit).toBe(2)
  expect(ran.stderr.trim().split('\n')).toHaveLength(1)
  expect(ran.stderr).toMatch(/^Sallyport denied this call/)
  expect(JSON.parse(ran.stdout)).toMatchObject({ hookSpecificOutput: { permissionDecision: 'deny' } })
  expect(ran.stdout.trim().split('\n')).toHaveLength(1)
}

const quick: WiredHost = { ...CLAUDE_CODE, timeoutSeconds: 2, observeTimeoutSeconds: 2 }

const forms = [...(curl === undefined ? [] : ['sh' as const]), ...(existsSync(entry) ? ['node' as const] : [])]
if (curl === undefined) console.warn('not verified: the sh hook client (no curl here)')
if (!existsSync(entry)) console.warn('not verified: the Node hook client (not built)')

describe.each(forms)('hook client as %s', (form) => {
  test('SYS-12: passes the event, the credential and the answer through unchanged', async () => {
    behave = say(frameAnswer({ exit: 0, stdout: { a: 'x\\n"%s`$(id)é' }, stderr: '' }))
    const stdin = JSON.stringify({ tool_input: { command: 'echo "\\n" $HOME `id`' } })
    const ran = await runCommand(form, { stdin })
    expect(ran).toMatchObject({ exit: 0, stderr: '' })
    expect(JSON.parse(ran.stdout)).toEqual({ a: 'x\\n"%s`$(id)é' })
    expect(seen).toMatchObject([
      { url: '/v1/hooks/claude-code', body: stdin, headers: { authorization: 'Bearer one' } },
    ])
  })

  test('T-043: a deny is JSON on stdout, the reason on stderr and exit 2', async () => {
    behave = say(frameAnswer(deny))
    expect(await runCommand(form)).toMatchObject({
      exit: 2,
      stdout: `${JSON.stringify(deny.stdout)}\n`,
      stderr: 'No.\n',
    })
  })

  test('T-043: gateway down: denied with how to start it', async () => {
    const ran = await runCommand(form, { socket: join(dir, 'none.sock') })
    isDeny(ran)
    expect(ran.stderr).toContain('sallyport doctor')
  })

  test('T-043: gateway down: an event that only reports does not block, and tells the user', async () => {
    const ran = await runCommand(form, { socket: join(dir, 'none.sock'), observe: true })
    expect(ran.exit).toBe(0)
    expect(JSON.parse(ran.stdout)).toMatchObject({ systemMessage: expect.stringContaining('sallyport up') as unknown })
  })

  const wrong: [string, (q: IncomingMessage, r: ServerResponse, body: string) => void][] = [
    ['status 500', say('{}', 500)],
    ['status 401 with an allow frame', say('0\n{}', 401)],
    ['status 404', say('No such agent host.', 404)],
    ['empty answer', say('')],
    ['junk', say('hello')],
    ['JSON without a frame', say('{"hookSpecificOutput":{"permissionDecision":"allow"}}')],
    ['allow frame without JSON', say('0\nok')],
    ['redirect', (_q, r) => void r.writeHead(302, { location: 'http://127.0.0.1/' }).end('0\n{}')],
    [
      'connection cut in the answer',
      (_q, r) => void (r.writeHead(200, { 'content-length': '99' }), r.write('0\n{}'), r.destroy()),
    ],
    ['connection cut at once', (q) => void q.socket.destroy()],
  ]
  test.each(wrong)('T-043: %s: denied', async (_name, how) => {
    behave = how
    isDeny(await runCommand(form))
  })

  test('T-044: a gateway that hangs: denied at half of the host’s time limit', async () => {
    behave = () => undefined
    const ran = await runCommand(form, { host: quick })
    isDeny(ran)
    expect(ran.ms).toBeLessThan(1900)
  })

  test('T-044: a gateway that drips: denied at the deadline all the same', async () => {
    behave = (_q, response) => {
      response.writeHead(200)
      response.write('0\n')
      const timer = setInterval(() => response.write(' '), 50)
      response.on('close', () => clearInterval(timer))
    }
    const ran = await runCommand(form, { host: quick })
    isDeny(ran)
    expect(ran.ms).toBeLessThan(1900)
  })

  test('T-043: 10 MB on standard input', async () => {
    behave = (_q, response, body) =>
      say(frameAnswer(body.length > 9e6 ? deny : { exit: 0, stdout: {}, stderr: '' }))(_q, response)
    expect((await runCommand(form, { stdin: JSON.stringify({ x: 'a'.repeat(10_000_000) }) })).exit).toBe(2)
  })

  test('T-067: 1 MB of replaced output arrives whole', async () => {
    const text = 'é"\\'.repeat(250_000)
    behave = say(frameAnswer({ exit: 0, stdout: { text }, stderr: '' }))
    const ran = await runCommand(form, { observe: true })
    expect((JSON.parse(ran.stdout) as { text: string }).text).toBe(text)
  })

  test('T-043: standard output closed: exit code 2', async () => {
    const ran = await runCommand(form, { closeStdout: true })
    if (form === 'sh') expect(ran.stderr).not.toBe('')
    expect(ran.exit === 2 || ran.stdout === '').toBe(true)
  })

  test('T-043: credential missing: denied', async () => {
    behave = (request, response) =>
      say(
        request.headers.authorization === undefined ? 'no' : '0\n{}',
        request.headers.authorization === undefined ? 401 : 200,
      )(request, response)
    isDeny(await runCommand(form, { credential: join(dir, 'absent') }))
  })

  test('T-039: no variable steers the client', async () => {
    const trap = join(dir, 'trap.mjs')
    const marker = join(dir, 'steered')
    writeFileSync(trap, `import fs from 'node:fs'; fs.writeFileSync(${JSON.stringify(marker)}, 'x')`)
    writeFileSync(join(dir, '.curlrc'), 'url = "http://127.0.0.1:9/"\noutput = "/dev/stdout"\nsilent\n')
    const names = (
      'HTTP_PROXY HTTPS_PROXY ALL_PROXY http_proxy https_proxy all_proxy NO_PROXY CURL_HOME HOME XDG_CONFIG_HOME ' +
      'XDG_DATA_HOME XDG_RUNTIME_DIR SALLYPORT_CONFIG SALLYPORT_STATE SALLYPORT_SOCKET SALLYPORT_MODE SALLYPORT_POLICY ' +
      'SSL_CERT_FILE SSL_CERT_DIR SSLKEYLOGFILE CURL_CA_BUNDLE NODE_EXTRA_CA_CERTS NODE_PATH NODE_TLS_REJECT_UNAUTHORIZED ' +
      'NODE_V8_COVERAGE NODE_REPL_EXTERNAL_MODULE NODE_DEBUG NODE_COMPILE_CACHE NODE_ICU_DATA NODE_NO_WARNINGS ' +
      'NODE_PENDING_DEPRECATION NODE_PRESERVE_SYMLINKS NODE_REDIRECT_WARNINGS UV_THREADPOOL_SIZE OPENSSL_CONF LD_LIBRARY_PATH ' +
      'ENV BASH_ENV SHELLOPTS BASHOPTS PS4 IFS CDPATH GLOBIGNORE TMPDIR LANG LC_ALL POSIXLY_CORRECT TERM PYTHONPATH ' +
      'npm_config_node_options npm_config_script_shell npm_config_prefix PERL5OPT RUBYOPT GIT_DIR MALLOC_CHECK_ TZ'
    ).split(' ')
    const env = Object.fromEntries([...names.map((name) => [name, dir] as const), ['NODE_OPTIONS', `--import=${trap}`]])
    const ran = await runCommand(form, { env: { ...env, 'BASH_FUNC_printf%%': '() { echo hacked; }' } })
    expect(ran).toMatchObject({ exit: 0, stdout: '{}\n', stderr: '' })
    expect(existsSync(marker)).toBe(false)
    expect(names.length).toBeGreaterThanOrEqual(58)
  })

  test('T-038: nothing in the working directory or on PATH is run', async () => {
    const cwd = join(dir, 'workspace')
    const marker = join(dir, 'shimmed')
    for (const bin of ['.bin', 'node_modules/.bin', '.']) {
      mkdirSync(join(cwd, bin), { recursive: true })
      for (const name of ['sallyport', 'curl', 'node', 'sh', 'env', 'printf']) {
        const shim = join(cwd, bin, name)
        if (bin !== '.' || name !== 'node_modules')
          writeFileSync(shim, `#!/bin/sh\necho '{}'; : > '${marker.replaceAll("'", "'\\''")}'\n`)
        chmodSync(shim, 0o755)
      }
    }
    writeFileSync(join(cwd, '.npmrc'), `script-shell=${join(cwd, '.bin', 'sh')}\nnode-options=--no-warnings\n`)
    writeFileSync(join(cwd, '.envrc'), `export PATH=${cwd}/.bin:$PATH\n`)
    behave = say(frameAnswer(deny))
    const env = { PATH: `${join(cwd, '.bin')}:${join(cwd, 'node_modules', '.bin')}:.:/usr/bin:/bin` }
    expect((await runCommand(form, { cwd, env })).exit).toBe(2)
    expect(existsSync(marker)).toBe(false)
  })
})

describe.runIf(curl !== undefined)('hook client as sh', () => {
  test('T-043: curl is gone: denied', async () => {
    isDeny(await runCommand('sh', { curl: join(dir, 'no-such-curl') }))
  })

  test('T-043: the script itself is gone: sh fails loudly with exit 2, which every wired host takes as a deny', async () => {
    const missing = hookCommand(CLAUDE_CODE, join(dir, 'gone.sh')).gate
    const child = spawn('/bin/sh', ['-c', missing], { stdio: ['ignore', 'pipe', 'pipe'] })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk))
    const exit = await new Promise<number | null>((resolve) => child.on('close', resolve))
    expect(stderr).not.toBe('')
    expect([2, 127]).toContain(exit)
  })

  test('the gateway is started when there was no answer, and only then', async () => {
    rmSync(join(dir, 'started'), { force: true })
    await runCommand('sh')
    expect(existsSync(join(dir, 'started'))).toBe(false)
    await runCommand('sh', { socket: join(dir, 'none.sock') })
    await expect.poll(() => existsSync(join(dir, 'started'))).toBe(true)
  })

  test('is six lines of shell', () => {
    const paths = { script: '/s', socket: '/a', credential: '/c', curl: '/usr/bin/curl', start: ['/bin/true'] }
    for (const host of [CLAUDE_CODE, CODEX]) {
      const lines = hookScript(host, paths).trimEnd().split('\n')
      expect(lines.filter((line) => !line.startsWith('#'))).toHaveLength(7) // `n` holds a line break
    }
  })

  test('paths that no shell text can carry are refused', () => {
    const paths = { script: '/s', socket: '/a\n/b', credential: '/c', curl: '/usr/bin/curl', start: ['/bin/true'] }
    expect(() => hookScript(CLAUDE_CODE, paths)).toThrowError(/control characters/)
  })
})
