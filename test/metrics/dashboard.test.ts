import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FAMILIES, type Family } from '../../packages/gateway/src/metrics/families.ts'
import { claim, openStage, type Stage } from './stage.ts'
import { unelevated } from '../unconfined.ts'

const hasPrometheus = spawnSync('prometheus', ['--version']).status === 0
if (!hasPrometheus)
  console.warn('not verified: Prometheus is not installed, so nothing runs the dashboard’s expressions')

interface Panel {
  readonly title: string
  readonly type: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly { readonly expr: string }[]
}
const FILE = fileURLToPath(new URL('../../dashboards/sallyport.json', import.meta.url))
const { panels } = JSON.parse(readFileSync(FILE, 'utf8')) as { readonly panels: readonly Panel[] }
const EXPRESSIONS = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })))

describe('the dashboard', () => {
  test('AC-7.4.2: names only metrics and labels that there are', () => {
    const known = new Map<string, readonly string[]>()
    for (const { names, labels, type } of Object.values(FAMILIES) as Family[]) {
      for (const name of names)
        for (const end of type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''])
          known.set(`${name}${end}`, labels)
    }
    for (const { expr } of EXPRESSIONS) {
      const named = expr.match(/\b(?:sallyport|gateway|process)_[a-z_]+/g) ?? []
      expect(named.length, expr).toBeGreaterThan(0)
      for (const name of named) expect(known.has(name), `${name} in ${expr}`).toBe(true)
      const labels = named.flatMap((name) => known.get(name) ?? [])
      for (const [, by = ''] of expr.matchAll(/by \(([a-z, ]+)\)/g))
        for (const label of by.split(', ')) expect([...labels, 'le'], expr).toContain(label)
    }
  })

  test('AC-7.4.2: shows the score, what is open, and every metric of the specification', () => {
    const all = EXPRESSIONS.map(({ expr }) => expr).join('\n')
    for (const { names, security } of Object.values(FAMILIES) as Family[])
      if (security === true && names[0] !== 'sallyport_security_audit_findings_total') expect(all).toContain(names[0])
  })

  test('no panel lies over another', () => {
    const taken = new Set<string>()
    for (const { gridPos: at, title } of panels) {
      for (let x = at.x; x < at.x + at.w; x += 1) {
        for (let y = at.y; y < at.y + at.h; y += 1) {
          expect(x, title).toBeLessThan(24)
          expect(taken.has(`${x} ${y}`), title).toBe(false)
          taken.add(`${x} ${y}`)
        }
      }
    }
  })
})

const POLICY = `permit (principal, action, resource);
@id("test.ask") @decision("approve") @severity("medium")
forbid (principal, action, resource) when { context.args has id && context.args.id like "ask*" }
unless { context.approved };`

describe.skipIf(!hasPrometheus)('a real Prometheus', () => {
  let stage: Stage
  let prometheus: ChildProcess
  let url: string
  let said = ''

  const query = async (expr: string): Promise<{ status: string; error?: string; data?: { result: unknown[] } }> => {
    const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expr)}`)
    return (await answer.json()) as { status: string }
  }
  const until = async (isSo: () => Promise<boolean>, what: string): Promise<void> => {
    for (let i = 0; i < 240; i += 1) {
      if (await isSo().catch(() => false)) return
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
    throw new Error(`${what}\n${said.slice(-3000)}`)
  }
  const traffic = async (turn: number): Promise<void> => {
    for (const id of ['a', 'b']) await stage.call('counter.count', { id })
    for (let i = 0; i < 6; i += 1) await stage.call('counter.none', {})
    await stage.ask({ path: '/v1/tools', bearer: 'wrong' })
    const asked = await stage.ask({
      method: 'POST',
      path: '/v1/calls',
      headers: { prefer: 'wait=1' },
      body: { tool: 'counter.count', arguments: { id: `ask ${turn}` } },
      bearer: stage.credential('tester'),
    })
    expect(asked.status, asked.text).toBe(202)
    const { items } = (await stage.ask({ path: '/api/v1/approvals' })).body as { items: { id: string }[] }
    for (const { id } of items) await stage.ask({ method: 'POST', path: `/api/v1/approvals/${id}/deny`, body: {} })
  }

  beforeAll(async () => {
    stage = await openStage(unelevated, POLICY)
    await claim(stage.gateway)
    await stage.gateway.identity.agents.add({ name: 'prometheus', by: 'test', scopes: ['read'] })
    const free = createServer().listen(0, '127.0.0.1')
    await once(free, 'listening')
    const { port } = free.address() as AddressInfo
    await new Promise((resolve) => free.close(resolve))
    url = `http://127.0.0.1:${port}`
    const data = join(stage.place, 'prometheus')
    mkdirSync(data)
    const config = {
      global: { scrape_interval: '500ms', scrape_timeout: '500ms' },
      scrape_configs: [
        {
          job_name: 'sallyport',
          authorization: { credentials_file: join(stage.state, 'agents', 'prometheus', 'token') },
          static_configs: [{ targets: [new URL(stage.gateway.url ?? '').host] }],
        },
      ],
    }
    writeFileSync(join(data, 'prometheus.yml'), JSON.stringify(config))
    prometheus = spawn('prometheus', [
      ...[`--config.file=${join(data, 'prometheus.yml')}`, `--storage.tsdb.path=${join(data, 'tsdb')}`],
      `--web.listen-address=127.0.0.1:${port}`,
    ])
    prometheus.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()))
    await until(async () => ((await query('sallyport_build_info')).data?.result.length ?? 0) > 0, 'nothing was scraped')
    await traffic(1)
    await new Promise((resolve) => setTimeout(resolve, 1200))
    await traffic(2)
    const answered = async (): Promise<boolean> =>
      ((await query('rate(sallyport_approvals_resolved_total[5m]) > 0')).data?.result.length ?? 0) > 0
    await until(answered, 'the traffic was not scraped')
  }, 120_000)
  afterAll(async () => {
    if (prometheus?.exitCode === null) {
      const gone = once(prometheus, 'exit')
      prometheus.kill('SIGKILL')
      await gone
    }
    await stage?.close()
  })

  test('E-28: scrapes with the token of a monitor and gets everything', async () => {
    const up = await query('up{job="sallyport"}')
    expect(up.data?.result).toMatchObject([{ value: [expect.any(Number), '1'] }])
  })

  test.each(EXPRESSIONS)('AC-7.4.2 AC-7.4.4: $title — $expr', async ({ expr }) => {
    const run = expr.replaceAll('$__rate_interval', '5m').replaceAll('$job', '.*')
    const answer = await query(run)
    expect(answer.error).toBeUndefined()
    expect(answer.status).toBe('success')
    expect(answer.data?.result.length, 'no series').toBeGreaterThan(0)
  })
})
