import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Store } from '../../packages/gateway/src/store/ports.ts'
import { makeClock } from '../store/temporary.ts'
import { Servers, webStage } from '../web/stage.ts'
import { spendingOf, sqliteIn } from './spending.ts'

const servers = new Servers()
const folder = mkdtempSync(join(tmpdir(), 'sallyport-web-budgets-'))
let store: Store
let port = 0
let asked = 0

beforeAll(async () => {
  store = await sqliteIn(folder)
  port = await servers.http((_request, response) => {
    asked++
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"usage":{"total_tokens":60}}')
  })
})
afterAll(async () => {
  servers.close()
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('the request tools', () => {
  it('HB-135: what the gateway itself asks of a model is counted too, as the server’s', async () => {
    const models = [{ host: 'page.test:*', reserve: 100 }]
    const { budgets, left } = spendingOf([{ name: 'web', limit: 200, models }], store, makeClock())
    const stage = webStage(
      { http: { hosts: ['page.test:*'], methods: ['GET', 'POST'] } },
      { 'page.test': [['127.0.0.1']] },
      { inside: ['page.test:*'], budgets: budgets.models },
    )
    const ask = async (args: object) => {
      const { result, code } = await stage.run('http', { url: `http://page.test:${port}/v1/messages`, ...args })
      return code ?? result?.structuredContent.status
    }
    const post = { method: 'POST', body: '{"max_tokens":90}' }
    expect(await ask({ method: 'GET' })).toBe(200)
    expect(await left()).toEqual({ spent: 0, reserved: 0 })
    expect([await ask(post), await ask(post)]).toEqual([200, 200])
    await expect.poll(left).toEqual({ spent: 120, reserved: 0 })
    expect(await ask(post)).toMatch(/^SP_BUDGET_SPENT/)
    expect(asked).toBe(3)
    expect(await budgets.list()).toMatchObject([{ who: 'server:web' }])
    expect(stage.attempts.at(-1)).toMatchObject({ verdict: 'refused', reason: 'budget_spent', rule: 'budget web' })
  })
})
