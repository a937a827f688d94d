import { expect, it } from 'vitest'
import { isJsonObject, parseLogSearch, type Json } from '@sallyport/core'
import { run as exportLog } from '../../packages/gateway/src/cli/log/export.ts'
import { run as query } from '../../packages/gateway/src/cli/log/query.ts'
import { decisionRecord, outcomeRecord, parseLines, startLog } from './gateway.ts'

const FORMULAS = ['=HYPERLINK("http://x")', '+1', '-2+3', '@SUM(A1)', '|cmd', '\t=1', '\r\n=1', '＝1', '%0A', ' =1']

async function setup() {
  const log = await startLog()
  await log.evidence.append([decisionRecord('a', { toolName: 'fs.read', parameters: { path: '/etc/hosts' } })])
  log.evidence.enqueue([outcomeRecord('a', { toolName: 'fs.read', durationMs: 38.4 })])
  await log.evidence.append([
    decisionRecord('b', { toolName: 'web.fetch', policyDecision: 'denied', policyRule: ['net.private'] }),
  ])
  const items = (answer: Json): readonly Json[] => (isJsonObject(answer) ? (answer['items'] as readonly Json[]) : [])
  return { ...log, items }
}

it('O2 AC-1.2.4: the command line searches in the language of the console, and says where to go on', async () => {
  const { command } = await setup()
  const found = await command(query, ['kind:call', 'not', 'tool:fs*'], {}, true)
  expect(JSON.parse(found.out)).toMatchObject({ items: [{ record: { auditId: 'b' } }], next: null })
  const one = await command(query, ['kind:call'], { limit: '1' })
  expect(one.out).toContain('web.fetch')
  const before = /--before (\S+)/.exec(one.err)?.[1] ?? ''
  expect((await command(query, ['kind:call'], { limit: '1', before })).out).toContain('fs.read')
  await expect(command(query, ['kind:call', 'tol:x'])).rejects.toMatchObject({
    code: 'SP_AUDIT_QUERY',
    message: expect.stringContaining('Character 11: There is no field “tol”. Did you mean tool?'),
  })
})

it('O2: a page tells each call in a sentence and how it ended; counts, histogram and values go with it', async () => {
  const { get, items } = await setup()
  const page = await get('/api/v1/log?q=kind:call')
  expect(items(page)).toMatchObject([
    { sentence: [{ text: 'claude tried to run ' }, { tool: 'web.fetch' }], ended: null },
    {
      sentence: [{ text: 'claude ran ' }, { tool: 'fs.read' }, {}, { value: '/etc/hosts' }],
      ended: { durationMs: 38.4 },
    },
  ])
  expect(await get('/api/v1/log/facets?q=kind:call')).toMatchObject({
    total: { n: 2, estimated: false },
    facets: {
      decision: [
        { value: 'allowed', n: 1 },
        { value: 'denied', n: 1 },
      ],
      rule: expect.any(Array) as unknown,
    },
  })
  const histogram = await get('/api/v1/log/histogram?q=')
  expect(isJsonObject(histogram) && histogram['buckets']).toHaveLength(72)
  expect(await get('/api/v1/log/values?field=tool&prefix=web')).toMatchObject({ items: expect.any(Array) as unknown })
  await expect(get('/api/v1/log/values?field=secret')).rejects.toMatchObject({ code: 'SP_API_INVALID' })
  await expect(get('/api/v1/log?q=&before=x')).rejects.toMatchObject({ code: 'SP_API_INVALID' })
  expect(await get('/api/v1/log/a')).toMatchObject({ item: { record: { kind: 'decision' } }, call: [{}, {}] })
})

it('T-168: a table for a spreadsheet holds no formula, no line break and one line a record', async () => {
  const { evidence, command, stream } = await setup()
  for (const [i, text] of FORMULAS.entries()) {
    await evidence.append([
      decisionRecord(`f${i}`, { toolName: text, agentId: text, sessionId: text, policyRule: [text] }),
    ])
  }
  const { out } = await command(exportLog, [], { format: 'csv' })
  const lines = out.split('\n').map((line) => line.replace(/\r$/, ''))
  expect(lines).toHaveLength(1 + 3 + FORMULAS.length)
  const cells = lines.flatMap((line) => [...line.matchAll(/"((?:[^"]|"")*)"/g)].map((match) => match[1] ?? ''))
  expect(cells.filter((cell) => /^\s*[=+\-@|%＝]/.test(cell))).toEqual([])
  const served = await stream('/api/v1/log/export?format=csv&q=kind:call')
  expect(served.split('\r\n').filter((line) => line !== '')).toHaveLength(1 + 2 + FORMULAS.length)
})

it('AC-1.2.2: an export with proofs carries for each record what proves it', async () => {
  const { command } = await setup()
  const { out } = await command(exportLog, ['kind:call'], { proofs: true })
  const lines = parseLines(out)
  expect(lines).toHaveLength(2)
  for (const { proof } of lines) {
    expect(proof).toMatchObject({
      index: expect.any(Number) as unknown,
      checkpoint: expect.stringContaining('sallyport/ts') as unknown,
    })
    expect(proof).not.toHaveProperty('record')
  }
  const ocsf = parseLines((await command(exportLog, ['decision:denied'], { proofs: true, format: 'ocsf' })).out)
  expect(ocsf).toMatchObject([{ class_uid: 6003, unmapped: { proof: {} } }])
})

it('a search is the same text in the address, on the command line and in the parser', async () => {
  const { command } = await setup()
  const text = 'kind:call "etc/hosts"'
  expect(parseLogSearch(text).words).toEqual([{ text: 'etc/hosts', not: false }])
  expect((await command(query, [text])).out).toContain('fs.read')
  expect((await command(query, ['kind:call', 'etc/hosts'])).out).toContain('fs.read')
})
