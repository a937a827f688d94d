import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SecretEvent } from '../../packages/gateway/src/custody/vault/secret.ts'
import { killPrograms, type KillPrograms } from './kill-programs.ts'

export interface KillResult {
  readonly rounds: number
  /** Changes that were acknowledged before a kill. */
  readonly acknowledged: number
  /** Rows whose outcome was recorded when the vault was opened again. */
  readonly recovered: number
  /** What must not be: acknowledged and not there, changed without a record, recorded and not changed. */
  readonly faults: readonly string[]
}

/** Kills a process that writes a vault with SIGKILL at a random moment, again and again, on one store (T-129, E-12). */
export async function killRounds(rounds: number, onRound?: (round: number) => void): Promise<KillResult> {
  const programs = await killPrograms()
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-vault-kill-'))
  const faults: string[] = []
  let [acknowledged, recovered] = [0, 0]
  let kept: ReadonlyMap<string, string> = new Map()
  try {
    for (let round = 1; round <= rounds; round++) {
      const done = new Map(kept)
      const tried = new Map<string, string>()
      for (const line of await oneRound(programs.writer, directory, round)) {
        const [what, name = '', value = ''] = line.split(' ')
        if (what === 'try') tried.set(name, value)
        else {
          acknowledged++
          tried.delete(name)
          done.set(name, value)
        }
      }
      const found = await look(programs, directory)
      for (const name of new Set([...done.keys(), ...tried.keys()])) {
        const is = found.values.get(name)
        if (is !== done.get(name) && is !== tried.get(name))
          faults.push(`round ${round}: ${name} is ${is}, was ${done.get(name)}, and ${tried.get(name)} was tried`)
      }
      faults.push(...found.faults.map((fault) => `round ${round}: ${fault}`))
      recovered = found.recovered
      kept = found.values
      onRound?.(round)
    }
  } finally {
    programs.remove()
    rmSync(directory, { recursive: true, force: true })
  }
  return { rounds, acknowledged, recovered, faults }
}

/** What is in force after a kill; and each change of a row has one outcome in the log, neither more nor less. */
async function look({ open }: KillPrograms, directory: string) {
  const { vault, store } = await open(directory)
  const values = new Map<string, string>()
  const faults = vault.lost.map((name) => `${name} is taken for rolled back`)
  for (const { name } of await vault.list())
    values.set(name, await vault.use(name, (value) => value.toString()).catch(stateOf))
  const events: SecretEvent[] = []
  for (let after = 0; ;) {
    const page = await store.readLog({ kind: 'credential', stream: store.stream, afterSeq: after, limit: 1_000 })
    events.push(...page.map(({ body }) => JSON.parse(body) as SecretEvent))
    after = page.at(-1)?.seq ?? after
    if (page.length < 1_000) break
  }
  const outcomes = events.filter(({ phase, error }) => phase === 'outcome' && error === undefined)
  const intents = new Set(events.filter(({ phase }) => phase === 'intent').map(({ change }) => change))
  faults.push(...outcomes.filter(({ change }) => !intents.has(change)).map(({ change }) => `${change} has no intent`))
  for (const { id, body } of await store.list('secret', { limit: 100 })) {
    const recorded = outcomes.filter(({ info }) => info.name === id).length
    const serial = Number(body['serial'])
    if (recorded !== serial) faults.push(`${id} changed ${serial} times, ${recorded} on record`)
  }
  await store.close()
  return { values, faults, recovered: events.filter((event) => event.recovered === true).length }
}

const stateOf = (thrown: unknown): string => {
  // of the class of the bundle, which is not the one here
  const { code } = thrown as { readonly code: string }
  return code === 'SP_VAULT_REVOKED' ? 'revoked' : code
}

/** What the writer said before it was killed. One that ends by itself is an error. */
function oneRound(program: string, directory: string, round: number): Promise<readonly string[]> {
  const writer = spawn(process.execPath, [program, directory, String(round)], { stdio: ['ignore', 'pipe', 'pipe'] })
  return new Promise((resolve, reject) => {
    let [said, complaint] = ['', '']
    writer.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
    writer.stdout.once('data', () => setTimeout(() => writer.kill('SIGKILL'), Math.random() * 120))
    writer.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
    writer.once('error', reject)
    writer.once('close', (code, signal) => {
      if (signal !== 'SIGKILL') reject(new Error(`The writer ended by itself (${code}): ${complaint.slice(-2_000)}`))
      // the last line may be cut in two
      else resolve(said.split('\n').slice(0, -1))
    })
  })
}
