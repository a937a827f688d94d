import { spawnSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasSandbox } from '../sandbox/machine.ts'
import { openClients, placeholder, textAt, type Clients, type Ran } from './kit.ts'

const basic = (user: string, value: string): string => `Basic ${Buffer.from(`${user}:${value}`).toString('base64')}`
/** Programs that lie where a sandbox shows them; of the others somebody is told. */
const has = (program: string): boolean => {
  const found = existsSync(join('/usr/bin', program))
  if (!found) process.stderr.write(`NOT VERIFIED: ${program} as a client, because it is not in /usr/bin.\n`)
  return found
}
const hasPip = has('python3') && spawnSync('/usr/bin/python3', ['-m', 'pip', '--version']).status === 0
if (!hasPip) process.stderr.write('NOT VERIFIED: pip as a client, because the Python in /usr/bin has none.\n')

describe.skipIf(!hasSandbox)('programs in a sandbox', () => {
  let clients: Clients
  beforeAll(async () => {
    clients = await openClients({
      any: { yaml: 'category: write, methods: [GET, POST, PUT], env: { ANY_TOKEN: lease, ANY_URL: base }' },
      git: { yaml: 'preset: github-git, category: read' },
      npm: { yaml: 'preset: npm, category: read' },
      pypi: {
        yaml: 'category: read, inject: { basic: __token__ }, paths: ["/simple/**", "/files/**"], env: { PIP_TOKEN: lease }',
      },
    })
  }, 60_000)
  afterAll(async () => clients.close())

  /** Runs it, expects that each request had this, and that nothing of the value is anywhere. */
  const lent = async (name: string, script: string, authorization: string): Promise<Ran> => {
    const { run, apis, scan, ground } = clients
    apis.take(name)
    const ran = await run(script)
    expect(ran).toMatchObject({ exitCode: 0 })
    const got = apis.take(name)
    expect(got.length).toBeGreaterThan(0)
    for (const { headers } of got) expect(headers.authorization).toBe(authorization)
    expect(scan().look('output', ran).directory(ground.work).hits).toEqual([])
    rmSync(join(ground.work, 'left.tar'), { force: true })
    return ran
  }
  const bearer = (name: string): string => `Bearer ${clients.values[name] ?? ''}`

  it.each([
    ['curl, by URL', 'curl -sS -H "authorization: Bearer $ANY_TOKEN" "$ANY_URL/x"'],
    ['curl, by tunnel', 'curl -sS -H "authorization: Bearer $ANY_TOKEN" "https://any.localhost:$PORT/x"'],
    [
      'curl, with a body of a megabyte',
      'head -c 1000000 /dev/zero | tr "\\0" a | curl -sS --data-binary @- "https://any.localhost:$PORT/x"',
    ],
    ['curl, a file that is put', 'curl -sS -T do-1.sh "https://any.localhost:$PORT/x"'],
  ])('HB-87, E-87: %s', async (_how, script) => {
    const { stdout } = await lent('any', script, bearer('any'))
    expect(JSON.parse(stdout)).toMatchObject({ url: '/x' })
  })

  it.skipIf(!has('git'))('HB-87, E-87: git clone, over its smart protocol and without a question', async () => {
    const { stdout } = await lent(
      'git',
      'git clone --quiet "https://git.localhost:$PORT/acme/shop.git" /tmp/shop && cat /tmp/shop/README && git -C /tmp/shop config -l',
      basic('x-access-token', clients.values['git'] ?? ''),
    )
    expect(stdout).toMatch(/^shop\n/)
    const pushed = await clients.run(
      'cd /tmp && git clone -q "https://git.localhost:$PORT/acme/shop.git" s && cd s && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m x && GIT_TERMINAL_PROMPT=0 git push 2>&1; echo "push $?"',
    )
    expect(pushed.stdout).toMatch(/push [1-9]/)
  })

  it.skipIf(!has('npm'))('HB-87, E-87: npm install, with a token in its configuration that is none', async () => {
    const { stdout } = await lent(
      'npm',
      `mkdir /tmp/p && cd /tmp/p && echo '{}' > package.json
printf '%s\\n' "registry=https://npm.localhost:$PORT/" "//npm.localhost:$PORT/:_authToken=\\\${NPM_TOKEN}" > .npmrc
npm install --no-audit --no-fund --loglevel=error tiny && node -p 'require("tiny")' && cp -r /tmp/p "$OLDPWD/npm"
tar -cf "$OLDPWD/left.tar" --one-file-system /tmp "$HOME"`,
      bearer('npm'),
    )
    expect(stdout).toMatch(/added 1 package[^]*\n1\n$/)
    expect(textAt(clients, 'npm/package-lock.json')).toContain(`https://npm.localhost:${clients.apis.port}/tiny/-/tiny`)
  })

  it.skipIf(!hasPip)('HB-87, E-87: pip download and install from an index that asks who it is', async () => {
    const { stdout } = await lent(
      'pypi',
      `/usr/bin/python3 -m pip install --quiet --disable-pip-version-check --no-deps --target /tmp/t \\
  --index-url "https://someone:$PIP_TOKEN@pypi.localhost:$PORT/simple" tiny
PYTHONPATH=/tmp/t /usr/bin/python3 -c 'import tiny; print(tiny.VALUE)'; tar -cf left.tar --one-file-system /tmp "$HOME"`,
      basic('__token__', clients.values['pypi'] ?? ''),
    )
    expect(stdout).toBe('1\n')
  })

  it.skipIf(!has('python3'))('HB-87, E-87: urllib and http.client of Python', async () => {
    const { stdout } = await lent(
      'any',
      `/usr/bin/python3 -c '
import os, urllib.request
key = {"authorization": "Bearer " + os.environ["ANY_TOKEN"]}
for url in os.environ["ANY_URL"] + "/u", "https://any.localhost:" + os.environ["PORT"] + "/u":
    print(urllib.request.urlopen(urllib.request.Request(url, headers=key)).read().decode())'`,
      bearer('any'),
    )
    expect(stdout.trim().split('\n')).toHaveLength(2)
  })

  it.skipIf(!hasPip)('HB-87, E-87: requests of Python, the one that pip brings', async () => {
    const { stdout } = await lent(
      'any',
      `/usr/bin/python3 -c '
import os
from pip._vendor import requests
with requests.Session() as session:
    session.headers["authorization"] = "Bearer " + os.environ["ANY_TOKEN"]
    for url in os.environ["ANY_URL"], "https://any.localhost:" + os.environ["PORT"]:
        print(session.post(url + "/r", json={"a": 1}).json()["length"])'`,
      bearer('any'),
    )
    expect(stdout).toBe('8\n8\n')
  })

  it.each([
    ['fetch', 'const r = await fetch(url, { headers }); console.log(await r.text())'],
    [
      'fetch with a stream',
      'const body = new Blob(["abc"]).stream(); const r = await fetch(url, { method: "POST", body, duplex: "half", headers }); console.log(await r.text())',
    ],
    ['https', 'const { get } = await import("node:https"); get(url, { headers }, (r) => r.pipe(process.stdout))'],
    [
      'https with an agent of its own',
      'const { get, Agent } = await import("node:https"); get(url, { headers, agent: new Agent({ keepAlive: true }) }, (r) => r.pipe(process.stdout))',
    ],
    [
      'fetch in a worker',
      'const { Worker } = await import("node:worker_threads"); new Worker(`fetch(${JSON.stringify(url)}, { headers: ${JSON.stringify(headers)} }).then((r) => r.text()).then((t) => process.stdout.write(t))`, { eval: true })',
    ],
    [
      'fetch in a child',
      'const { execFileSync } = await import("node:child_process"); console.log(execFileSync(process.execPath, ["-e", `fetch("${url}", { headers: ${JSON.stringify(headers)} }).then((r) => r.text()).then((t) => process.stdout.write(t))`], { encoding: "utf8" }))',
    ],
  ])('HB-87, E-87: Node, %s', async (_how, code) => {
    const url = '`https://any.localhost:${process.env.PORT}/n`'
    const program = `const headers = { authorization: "Bearer " + process.env.ANY_TOKEN }; const url = ${url}; ${code}`
    const { stdout, stderr } = await lent('any', `node --input-type=module -e '${program}'`, bearer('any'))
    expect(JSON.parse(stdout)).toMatchObject({ url: '/n' })
    expect(stderr).toBe('')
  })

  it('AC-4.4.3: what is refused is said to each of them in its own way, with the reason', async () => {
    const { stdout } = await clients.run(`node -e '
const say = (error) => console.log(error.cause?.message ?? error.message)
fetch("https://elsewhere.example/").catch(say)
require("https").get("https://elsewhere.example/").on("error", say)
fetch("http://elsewhere.example/").then((r) => console.log(r.status, r.headers.get("x-sallyport-deny")))'
curl -sS https://elsewhere.example/ 2>&1
/usr/bin/python3 -c 'import urllib.request as u; u.urlopen("https://elsewhere.example/")' 2>&1 | tail -1`)
    expect(stdout).toContain('No tunnel to elsewhere.example:443: not_allowlisted\n'.repeat(2))
    expect(stdout).toMatch(/^403 not_allowlisted$/m)
    expect(stdout).toMatch(/curl: \(56\).*403/)
  })

  it('AC-4.4.2: a client that names a placeholder to another host sends the placeholder', async () => {
    expect(placeholder('any')).toBe('sallyport-lease-any')
    const { stdout } = await clients.run('echo "$ANY_TOKEN $NPM_TOKEN"; env | grep -c sallyport-lease')
    expect(stdout).toMatch(/^sallyport-lease-any sallyport-lease-npm\n3\n$/)
  })
})
