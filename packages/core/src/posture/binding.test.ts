import { describe, expect, test } from 'vitest'
import { bindingFindings, reachOf, type BindingFacts, type Listener } from './binding.ts'
import { auditExit, inOrder, summaryOf } from './finding.ts'

const listener = (changes: Partial<Listener> = {}): Listener => ({
  ...{ name: 'console', address: '127.0.0.1', port: 7443, authenticated: true, tls: true, console: true },
  ...changes,
})
const facts = (changes: Partial<BindingFacts> = {}): BindingFacts => ({
  ...{ listeners: [listener()], allowPublicBind: false, trustedProxies: [], forwardedSeen: false },
  ...{ requireTls: true, bypasses: [] },
  ...changes,
})
const found = (changes: Partial<BindingFacts>): readonly string[] =>
  bindingFindings(facts(changes)).map(({ id, severity }) => `${severity} ${id}`)

describe('where a listener can be reached from', () => {
  test.each([
    ['127.0.0.1', 'loopback'],
    ['127.8.8.8', 'loopback'],
    ['::1', 'loopback'],
    ['[::1]', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['localhost', 'loopback'],
    ['0.0.0.0', 'everywhere'],
    ['::', 'everywhere'],
    ['[::]', 'everywhere'],
    ['192.168.1.4', 'private'],
    ['10.0.0.1', 'private'],
    ['fd00::1', 'private'],
    ['169.254.10.1', 'private'],
    ['8.8.8.8', 'public'],
    ['2606:4700::1111', 'public'],
    ['gateway.example', 'unknown'],
    ['0x7f.1', 'unknown'],
    ['', 'unknown'],
  ])('E-24: %s is %s', (address, reach) => expect(reachOf(address)).toBe(reach))
})

describe('binding', () => {
  const EXPOSED = ['0.0.0.0', '::', '8.8.8.8', '192.168.1.4', 'gateway.example']

  test('ND-2.3.a: loopback with authentication is well, without it a warning', () => {
    expect(found({})).toEqual([])
    expect(found({ listeners: [listener({ authenticated: false })] })).toEqual(['medium gateway.bind_no_auth'])
  })

  test.each(EXPOSED)('AC-2.3.1, E-23: %s without opt-in is critical', (address) => {
    expect(found({ listeners: [listener({ address })] })).toEqual(['critical gateway.public_bind'])
  })

  test.each(EXPOSED)('AC-2.3.3, FV-1: %s without authentication is critical, opt-in or not', (address) => {
    for (const allowPublicBind of [false, true]) {
      const listeners = [listener({ address, authenticated: false })]
      expect(found({ listeners, allowPublicBind })).toEqual(['critical gateway.public_bind_no_auth'])
    }
  })

  test.each(EXPOSED)('E-23: %s with opt-in and authentication is info with TLS, medium without', (address) => {
    const at = (tls: boolean) => found({ listeners: [listener({ address, tls })], allowPublicBind: true })
    expect(at(true)).toEqual(['info gateway.public_bind'])
    expect(at(false)).toEqual(['medium gateway.public_bind_no_tls'])
  })

  test('AC-2.4.3, E-21: a console off loopback that redirects plain HTTP is a warning', () => {
    const changes = { allowPublicBind: true, requireTls: false }
    expect(found({ ...changes, listeners: [listener({ address: '10.0.0.1' })] })).toContain(
      'medium gateway.control_ui_plain',
    )
    expect(found({ ...changes, listeners: [listener()] })).toEqual([])
    expect(found({ ...changes, listeners: [listener({ address: '10.0.0.1', console: false })] })).not.toContain(
      'medium gateway.control_ui_plain',
    )
  })

  test('AC-2.3.2: forwarded headers without a trusted proxy are reported, with one they are not', () => {
    expect(found({ forwardedSeen: true })).toEqual(['medium gateway.proxy_no_trusted'])
    expect(found({ forwardedSeen: true, trustedProxies: ['10.0.0.0/8'] })).toEqual([])
  })

  test('AC-2.4.4, E-29: a bypass in the configuration is critical and called deprecated', () => {
    const [first] = bindingFindings(facts({ bypasses: ['dangerouslyDisableDeviceAuth'] }))
    expect(first).toMatchObject({ severity: 'critical', id: 'gateway.control_ui_insecure' })
    expect(first?.detail).toContain('deprecated')
  })

  test('FV-1: whatever the state, taking authentication away never makes an exposed listener look better', () => {
    const rank = (one: BindingFacts) => auditExit(bindingFindings(one), { failOn: 'critical', warnOn: 'info' })
    for (const address of [...EXPOSED, '127.0.0.1', '::1'])
      for (const tls of [false, true])
        for (const allowPublicBind of [false, true])
          for (const requireTls of [false, true]) {
            const state = (authenticated: boolean): BindingFacts =>
              facts({ listeners: [listener({ address, tls, authenticated })], allowPublicBind, requireTls })
            expect(rank(state(false))).toBeGreaterThanOrEqual(rank(state(true)))
            if (reachOf(address) !== 'loopback') expect(rank(state(false))).toBe(2)
          }
  })

  test('AC-2.3.4: every finding says what to do', () => {
    const everything = EXPOSED.flatMap((address) =>
      [true, false].flatMap((authenticated) => [true, false].map((tls) => listener({ address, authenticated, tls }))),
    )
    const all = [true, false].flatMap((allowPublicBind) =>
      bindingFindings(
        facts({
          ...{ listeners: [listener({ authenticated: false }), ...everything], allowPublicBind },
          ...{ forwardedSeen: true, requireTls: false, bypasses: ['allowInsecureAuth', 'somethingElse'] },
        }),
      ),
    )
    expect(new Set(all.map(({ id }) => id)).size).toBe(7)
    expect(all.filter(({ remediation }) => remediation.trim().length < 10)).toEqual([])
  })
})

describe('what an audit says at its end', () => {
  const finding = (severity: 'critical' | 'high' | 'medium' | 'low' | 'info', id = 'x') => ({
    ...{ id, severity, subject: '', detail: '', remediation: '' },
  })
  const usual = { failOn: 'critical', warnOn: 'medium' } as const

  test('ND-7.1.a, E-06, E-72: 0 below what is warned of, 1 from there, 2 from what fails', () => {
    expect(auditExit([], usual)).toBe(0)
    expect(auditExit([finding('low'), finding('info')], usual)).toBe(0)
    expect(auditExit([finding('medium')], usual)).toBe(1)
    expect(auditExit([finding('high')], usual)).toBe(1)
    expect(auditExit([finding('high')], { ...usual, failOn: 'high' })).toBe(2)
    expect(auditExit([finding('low'), finding('critical')], usual)).toBe(2)
  })

  test('AC-2.3.5: the list is in one order, and counted', () => {
    const list = inOrder([finding('low', 'b'), finding('critical', 'z'), finding('low', 'a')])
    expect(list.map(({ id }) => id)).toEqual(['z', 'a', 'b'])
    expect(summaryOf(list)).toEqual({ critical: 1, high: 0, medium: 0, low: 2, info: 0 })
  })
})
