import { createHmac } from 'node:crypto'
import { namesKey, signToken, tokenKey, verifyToken, whyCapabilityIsTooWide } from '@sallyport/core'
import fc from 'fast-check'
import { SignJWT, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { createCapability } from '../../packages/gateway/src/execution/capability.ts'
import { systemRandom } from '../../packages/gateway/src/random.ts'
import { testClock, type TestClock } from './setup.ts'

const WANTED = {
  sub: 'agent:claude',
  instance: 'i',
  aud: `mail.send@${'p'.repeat(64)}`,
  sid: 'session-1',
  act: 'a'.repeat(64),
  evidence: 'policy',
  pol: 'b'.repeat(64),
}
const EXPECTED = { aud: WANTED.aud, act: WANTED.act, sid: WANTED.sid }
const made = (clock: TestClock = testClock()) => ({ clock, port: createCapability({ clock, random: systemRandom }) })
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('capability tokens', () => {
  it('HB-58 HB-62 SYS-12: lives 30 seconds, says who, what, which session and on what evidence', async () => {
    const { port, clock } = made()
    const { token, claims } = port.issue(WANTED)
    expect(claims).toMatchObject({ ...WANTED, exp: claims.iat + 30_000 })
    clock.advance(29_999)
    expect(await port.redeem(token, EXPECTED)).toMatchObject({ ok: true, value: claims })
    const late = port.issue(WANTED)
    clock.advance(30_000)
    expect(await port.redeem(late.token, EXPECTED)).toMatchObject({ code: 'SP_CAP_EXPIRED' })
  })

  it('FV-2 T-009: once, also at the same moment, also much later', async () => {
    const { port, clock } = made()
    const { token } = port.issue(WANTED)
    const all = await Promise.all(Array.from({ length: 1000 }, () => port.redeem(token, EXPECTED)))
    expect(all.filter(({ ok }) => ok)).toHaveLength(1)
    expect(all.filter((each) => !each.ok && each.code === 'SP_CAP_REPLAYED')).toHaveLength(999)
    for (const ms of [1, 1000, 15_000, 13_000, 2_000, 60_000, 3_600_000]) {
      clock.advance(ms)
      expect((await port.redeem(token, EXPECTED)).ok).toBe(false)
    }
  })

  it('FV-2 HB-59: other arguments, another session, another tool or definition', async () => {
    const { port } = made()
    for (const other of [
      { act: 'c'.repeat(64) },
      { sid: 'session-2' },
      { aud: `mail.read@${'p'.repeat(64)}` },
      { aud: `mail.send@${'q'.repeat(64)}` },
    ]) {
      expect(await port.redeem(port.issue(WANTED).token, { ...EXPECTED, ...other })).toMatchObject({
        code: 'SP_CAP_MISMATCH',
      })
    }
  })

  it('a wrong use does not consume the token', async () => {
    const { port } = made()
    const { token } = port.issue(WANTED)
    await port.redeem(token, { ...EXPECTED, sid: 'other' })
    expect((await port.redeem(token, EXPECTED)).ok).toBe(true)
  })

  it('another algorithm, none, another key id, another issuer: refused before anything is read', async () => {
    const { port } = made()
    const { token, claims } = port.issue(WANTED)
    const [header = '', payload = '', mac = ''] = token.split('.')
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string }
    const forged = [
      `${part({ alg: 'none', typ: 'spc', kid })}.${payload}.`,
      `${part({ alg: 'none', typ: 'spc', kid })}.${payload}.${mac}`,
      `${part({ alg: 'HS512', typ: 'spc', kid })}.${payload}.${mac}`,
      `${part({ typ: 'spc', alg: 'HS256', kid })}.${payload}.${mac}`,
      `${part({ alg: 'HS256', typ: 'spc', kid: `${kid}0` })}.${payload}.${mac}`,
      `${part({ alg: 'HS256', typ: 'spc', kid, jku: 'https://evil.example' })}.${payload}.${mac}`,
      `${header}.${part({ ...claims, exp: claims.exp + 1 })}.${mac}`,
      `${header}.${part({ ...claims, aud: '*' })}.${createHmac('sha256', '')
        .update(`${header}.${part({ ...claims, aud: '*' })}`)
        .digest('base64url')}`,
      `${token}.`,
      `${token}=`,
      ` ${token}`,
      token.slice(0, -1),
      `${header}..${mac}`,
      '',
      '...',
      'x'.repeat(100_000),
      token.toUpperCase(),
      made().port.issue(WANTED).token,
      await new SignJWT({ ...claims }).setProtectedHeader({ alg: 'HS256', typ: 'spc', kid }).sign(Buffer.alloc(32)),
    ]
    for (const bad of forged)
      expect(await port.redeem(bad, EXPECTED), bad.slice(0, 60)).toMatchObject({ ok: false, code: 'SP_CAP_INVALID' })
    expect((await port.redeem(token, EXPECTED)).ok).toBe(true)
  })

  it('any one character changed is refused', async () => {
    const { port } = made()
    const { token } = port.issue(WANTED)
    for (let at = 0; at < token.length; at++) {
      const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1)
      expect((await port.redeem(changed, EXPECTED)).ok, String(at)).toBe(false)
    }
  })

  it('HB-63 T-114: tokens for everything, for nobody in particular or for longer cannot be had', () => {
    const { port } = made()
    for (const wide of [
      { aud: 'all' },
      { aud: '*@p' },
      { aud: 'mail.*@p' },
      { aud: 'mail.send@' },
      { aud: '@p' },
      { aud: 'send@p' },
      { sub: '*' },
      { sub: '' },
      { sid: '' },
      { act: '' },
    ]) {
      expect(() => port.issue({ ...WANTED, ...wide }), JSON.stringify(wide)).toThrow(
        'SP_AUTHZ_GRANT'.length > 0 ? /This right cannot be given/ : '',
      )
    }
    expect(port.issue({ ...WANTED, exp: Number.MAX_SAFE_INTEGER } as never).claims.exp).toBeLessThan(
      Date.now() + 31_000,
    )
    for (const ask of [
      { scope: 'all', subject: 'agent:a', maxAge: 30 },
      { scope: 'tool:*', subject: 'agent:a', maxAge: 30 },
      { scope: 'tool:a.b tool:c.d', subject: 'agent:a', maxAge: 30 },
      { scope: 'tool:a.b', subject: 'agent:*', maxAge: 30 },
      { scope: 'tool:a.b', subject: 'user:a', maxAge: 30 },
      ...[31, 0, -1, 3600, 1.5, Number.NaN, Number.POSITIVE_INFINITY].map((maxAge) => ({
        scope: 'tool:a.b',
        subject: 'agent:a',
        maxAge,
      })),
    ]) {
      expect(whyCapabilityIsTooWide(ask)?.code, JSON.stringify(ask)).toBe('SP_AUTHZ_GRANT')
    }
    expect(whyCapabilityIsTooWide({ scope: 'tool:mail.send', subject: 'agent:claude', maxAge: 30 })).toBeUndefined()
  })

  it('T-165: the clock set back by an hour does not revive a token; set forward it expires', async () => {
    const { port, clock } = made()
    const { token } = port.issue(WANTED)
    clock.elapsed += 31_000
    clock.wall -= 3_600_000
    expect(await port.redeem(token, EXPECTED)).toMatchObject({ code: 'SP_CAP_EXPIRED' })
    const next = port.issue(WANTED)
    clock.wall += 7_200_000
    expect(await port.redeem(next.token, EXPECTED)).toMatchObject({ code: 'SP_CAP_EXPIRED' })
  })

  it('keys rotate hourly and the one before still verifies for a token’s life', async () => {
    const { port, clock } = made()
    const first = port.issue(WANTED)
    clock.advance(3_599_990)
    const second = port.issue(WANTED)
    clock.advance(20)
    const third = port.issue(WANTED)
    expect(first.token.split('.')[0]).toBe(second.token.split('.')[0])
    expect(third.token.split('.')[0]).not.toBe(second.token.split('.')[0])
    expect((await port.redeem(second.token, EXPECTED)).ok).toBe(true)
    expect((await port.redeem(third.token, EXPECTED)).ok).toBe(true)
  })

  it('with PostgreSQL the use is spent there too', async () => {
    const spent = new Set<string>()
    const store = {
      driver: 'postgres' as const,
      spend: async (id: string) => !spent.has(id) && spent.add(id).size > 0,
    }
    const port = createCapability({ clock: testClock(), random: systemRandom, store })
    const { token, claims } = port.issue(WANTED)
    spent.add(`capability:${claims.jti}`)
    expect(await port.redeem(token, EXPECTED)).toMatchObject({ code: 'SP_CAP_REPLAYED' })
  })

  it('the MAC is HMAC-SHA-256 and the token an ordinary JWS: node:crypto and jose agree', async () => {
    const secret = systemRandom.bytes(32)
    const key = tokenKey('k', secret)
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 3000 }), (text) => {
        expect(key.mac(text)).toBe(createHmac('sha256', secret).update(text).digest('base64url'))
      }),
    )
    const now = Math.floor(Date.now() / 1000)
    const token = signToken(key, { ...WANTED, jti: 'j', iat: now, exp: now + 30 })
    expect((await jwtVerify(token, secret, { audience: WANTED.aud })).payload.sub).toBe(WANTED.sub)
    expect(namesKey(token, tokenKey('k2', secret))).toBe(false)
    expect(verifyToken(key, token, EXPECTED, now).ok).toBe(true)
  })
})
