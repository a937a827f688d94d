import { setTimeout as sleep } from 'node:timers/promises'
import { TestGateway } from './gateway.ts'

/** Longest wait for the first answer under load, ms. */
const LOADED_WITHIN = 10_000

/** What many kills of one gateway left behind. */
export interface KillReport {
  readonly rounds: number
  /** Calls that were answered before a kill. */
  readonly answered: number
  /** Calls that the server executed. */
  readonly executed: number
  /** Ids that it executed more than once. */
  readonly twice: readonly string[]
  /** Ids that it executed without a durable intent. */
  readonly withoutIntent: readonly string[]
  /** What `log verify` says; empty when the log verifies. */
  readonly fault: string
}

/**
 * Kills a gateway with SIGKILL at random moments while `callers` agents call as fast as they can, every call with a key of its
 * own. After each kill whoever got no answer asks again with the same key.
 */
export async function killRounds(
  rounds: number,
  callers: number,
  onRound: (round: number) => void = () => undefined,
): Promise<KillReport> {
  const gateway = new TestGateway()
  try {
    await gateway.start()
    let answered = 0
    for (let round = 0; round < rounds; round++) {
      const result = await killUnderLoad(gateway, round, callers)
      answered += result.answered
      await gateway.start()
      await Promise.all(result.unanswered.map((id) => gateway.call(id, id)))
      onRound(round + 1)
    }
    const exported = gateway.cli('log', 'export', '--format', 'ndjson', '--kind', 'decision')
    await gateway.kill('SIGTERM')
    const verified = gateway.cli('log', 'verify', '--json')
    const ran = gateway.ran()
    const intents = new Set(exported.out.split('\n').flatMap(allowedId))
    return {
      rounds,
      answered,
      executed: ran.length,
      twice: ran.filter((id, at) => ran.indexOf(id) !== at),
      withoutIntent: ran.filter((id) => !intents.has(id)),
      fault: exported.code + verified.code === 0 ? '' : exported.err + verified.out + verified.err,
    }
  } finally {
    await gateway.close()
  }
}

/** The id of the call that an exported line allows. */
function allowedId(line: string): readonly string[] {
  if (!line.includes('"policyDecision":"allowed"')) return []
  return [(JSON.parse(line) as { record: { parameters: { id: string } } }).record.parameters.id]
}

async function killUnderLoad(
  gateway: TestGateway,
  round: number,
  callers: number,
): Promise<{ readonly answered: number; readonly unanswered: readonly string[] }> {
  // the server is started and its tools are known before the clock runs
  await gateway.call(`r${round}-first`, `r${round}-first`)
  let next = 0
  let answered = 0
  let dead = false
  const unanswered: string[] = []
  const agents = Array.from({ length: callers }, async () => {
    while (!dead) {
      const id = `r${round}-${next++}`
      await gateway.call(id, id).then(
        ({ status }) => (status === 200 ? answered++ : unanswered.push(id)),
        () => unanswered.push(id),
      )
    }
  })
  // on a machine that is busy the load takes a while to be one
  const until = performance.now() + LOADED_WITHIN
  while (answered === 0 && performance.now() < until) await sleep(5)
  await sleep(40 + Math.floor(Math.random() * 360))
  // whoever went on calling a dead socket would leave thousands to ask again at once
  const killed = gateway.kill('SIGKILL')
  dead = true
  await killed
  await Promise.all(agents)
  return { answered, unanswered }
}
