/**
 * Issue and verify one capability token: ours (issuer and redemption as the boundary and the executor use them, single use
 * and clock included) against `jose` HS256 with the same claims. `npm run bench -- token`
 */
import { cpus } from 'node:os'
import { sha256 } from '@sallyport/core'
import { jwtVerify, SignJWT } from 'jose'
import { systemClock } from '../packages/gateway/src/clock.ts'
import { createCapability } from '../packages/gateway/src/execution/capability.ts'
import { systemRandom } from '../packages/gateway/src/random.ts'

const RUNS = 7
const BATCH = 20_000
const PEER_BATCH = 4_000
const TARGET_RATIO = 8
const TARGET_MICROSECONDS = 12

const wanted = {
  sub: 'agent:claude',
  instance: '0197aa00-0000-7000-8000-000000000000',
  aud: `mail.send@${sha256('pin')}`,
  sid: '0197aa00-0000-7000-8000-000000000001',
  act: sha256('{"to":"bob@corp.com"}'),
  evidence: 'policy',
  pol: sha256('bundle'),
}
const expected = { aud: wanted.aud, act: wanted.act, sid: wanted.sid }

const port = createCapability({ clock: systemClock, random: systemRandom })

async function ours(count: number): Promise<number> {
  const start = performance.now()
  for (let index = 0; index < count; index++) {
    const { token } = port.issue(wanted)
    const verdict = await port.redeem(token, expected)
    if (!verdict.ok) throw new Error(verdict.code)
  }
  return ((performance.now() - start) * 1000) / count
}

const secret = await crypto.subtle.importKey('raw', systemRandom.bytes(32), { name: 'HMAC', hash: 'SHA-256' }, false, [
  'sign',
  'verify',
])
async function jose(count: number): Promise<number> {
  const start = performance.now()
  for (let index = 0; index < count; index++) {
    const now = Math.floor(Date.now() / 1000)
    const token = await new SignJWT({ ...wanted, iat: now, exp: now + 30, jti: String(index) })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid: 'k' })
      .sign(secret)
    const { payload } = await jwtVerify(token, secret, { audience: wanted.aud, algorithms: ['HS256'] })
    if (payload['act'] !== wanted.act || payload['sid'] !== wanted.sid) throw new Error('mismatch')
  }
  return ((performance.now() - start) * 1000) / count
}

/** Prints ours, the peer, the ratio of each run's pair (median) and the machine; 1 when the ratio is missed. */
export async function run(): Promise<number> {
  await ours(BATCH)
  await jose(PEER_BATCH)
  const mine: number[] = []
  const theirs: number[] = []
  for (let run = 0; run < RUNS; run++) {
    mine.push(await ours(BATCH))
    theirs.push(await jose(PEER_BATCH))
  }
  const median = (values: readonly number[]): number =>
    [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
  const ratios = mine.map((value, run) => (theirs[run] ?? 0) / value)
  const result = {
    what: 'capability token, issue + verify',
    oursMicroseconds: Number(median(mine).toFixed(2)),
    peer: 'jose 6 HS256 (CryptoKey)',
    peerMicroseconds: Number(median(theirs).toFixed(2)),
    ratio: Number(median(ratios).toFixed(1)),
    runs: RUNS,
    perRun: { ours: BATCH, peer: PEER_BATCH },
    machine: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.version}`,
    targets: { ratio: TARGET_RATIO, microseconds: TARGET_MICROSECONDS },
  }
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`)
  return result.ratio < TARGET_RATIO ? 1 : 0
}
