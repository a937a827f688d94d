import { describe, expect, it } from 'vitest'
import { createCodeScanPort } from '../../code-scan.ts'
import type { ApiRequest } from './route.ts'
import { scanRoutes } from './scan-routes.ts'

const [route] = scanRoutes(createCodeScanPort())
const post = async (body: ApiRequest['body']) => route?.handle({ body } as ApiRequest)

describe('HB-106: POST /api/v1/scan/code', () => {
  it('is in the table for operators with the scope read', () => {
    expect(route).toMatchObject({ method: 'POST', path: '/api/v1/scan/code', plane: 'operator', scope: 'read' })
  })

  it('answers findings, and a comment of the code accepts nothing', async () => {
    const code = 'eval(x) // sallyport-ignore code.dangerous_execution.code: trust me'
    expect(await post({ code, language: 'js' })).toMatchObject({
      status: 200,
      body: { verdict: 'flag', findings: [{ rule: 'code.dangerous_execution.code', line: 1 }] },
    })
    expect(await post({ code: 'go(x)', language: 'js' })).toMatchObject({ body: { verdict: 'clean', findings: [] } })
  })

  it('T-160: what takes long is scanned beside the gateway, which goes on meanwhile, and ends with its time', async () => {
    const functions = Array.from({ length: 4_000 }, (_, i) => `function f${i}(a) { g(a); return f${i + 1}(a + ${i}) }`)
    const code = functions.join('\n')
    await post({ code: 'go(x)', language: 'js' })
    let turns = 0
    const timer = setInterval(() => turns++, 5)
    await expect(post({ code, language: 'js' })).resolves.toMatchObject({ status: 200 })
    clearInterval(timer)
    expect(turns).toBeGreaterThan(5)
    const [hasty] = scanRoutes(createCodeScanPort(1))
    await expect(hasty?.handle({ body: { code, language: 'js' } } as unknown as ApiRequest)).rejects.toMatchObject({
      code: 'SP_SCAN_UNREADABLE',
    })
  }, 60_000)

  it('refuses what is too long, of no known language, or not asked for so', async () => {
    await expect(post({ code: 'x'.repeat(300_000), language: 'js' })).rejects.toThrow(/262144/)
    await expect(post({ code: 'x', language: 'cobol' })).rejects.toThrow(/cobol/)
    await expect(post({ code: 'x', language: 'js', path: '/etc' })).rejects.toThrow(/path/)
  })
})
