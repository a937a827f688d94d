import { spawn } from 'node:child_process'
import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { rawPublicKey } from '@sallyport/core'
import { verifyArchive, type ArchiveReport } from '../../packages/gateway/src/store/verify-archive.ts'
import { openArchive } from '../../packages/gateway/src/store/open-archive.ts'
import { createSeal } from '../../packages/gateway/src/store/seal.ts'

export interface CrashResult {
  readonly rounds: number
  /** Records whose write was acknowledged before a kill. */
  readonly acknowledged: number
  /** Acknowledged records that are not in the log. Must be 0. */
  readonly lost: number
  /** Records in the log, acknowledged or not. */
  readonly written: number
  readonly report: ArchiveReport
}

/** Kills a writing process with SIGKILL at a random moment, again and again, on one store (T-167, E-12). */
export async function crashRounds(rounds: number, onRound?: (round: number) => void): Promise<CrashResult> {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-crash-'))
  try {
    const path = join(directory, 'state.db')
    const keyFile = join(directory, 'keys.json')
    const { privateKey } = generateKeyPairSync('ed25519')
    const mac = randomBytes(32)
    const checkpointKey = privateKey.export({ type: 'pkcs8', format: 'der' }).toString('hex')
    writeFileSync(keyFile, JSON.stringify({ mac: mac.toString('hex'), checkpointKey, origin: 'crash.test/log' }))
    const acknowledged = new Set<string>()
    for (let round = 1; round <= rounds; round++) {
      for (const id of await oneRound(path, keyFile, round)) acknowledged.add(id)
      onRound?.(round)
    }
    const archive = await openArchive({ path })
    try {
      let written = 0
      const missing = new Set(acknowledged)
      for await (const record of archive.records('local')) {
        written++
        missing.delete(record.auditId)
      }
      const publicKey = rawPublicKey(createPublicKey(privateKey))
      const report = await verifyArchive(archive, { publicKey, heads: [], files: [], seal: createSeal(mac) })
      return { rounds, acknowledged: acknowledged.size, lost: missing.size, written, report }
    } finally {
      await archive.close()
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Ids that were acknowledged before the kill. A child that ends by itself is an error. */
function oneRound(path: string, keyFile: string, round: number): Promise<readonly string[]> {
  const child = fileURLToPath(new URL('./writer-child.ts', import.meta.url))
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  const args = ['--conditions=source', '--import', tsx, child, path, keyFile, String(round)]
  const writer = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  return new Promise((resolve, reject) => {
    let said = ''
    let complaint = ''
    let armed = false
    writer.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
    writer.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (armed) return
      armed = true
      setTimeout(() => writer.kill('SIGKILL'), 5 + Math.random() * 250)
    })
    writer.once('error', reject)
    writer.once('close', (code, signal) => {
      if (signal !== 'SIGKILL') reject(new Error(`The writer ended by itself (${code}): ${complaint.slice(-2000)}`))
      // The last line may be cut in two.
      else resolve(said.split('\n').slice(0, -1))
    })
  })
}
