import type { TestGateway } from './gateway.ts'

export interface KillRound {
  readonly answered: number
  readonly killedAfterMs: number
}

/**
 * One round: `callers` agents call as fast as they can, every call with a key of its own, until the gateway is killed with
 * SIGKILL at a random moment; the calls that got no answer are returned with their keys, to be repeated.
 */
export async function killUnderLoad(
  gateway: TestGateway,
  round: number,
  callers: number,
): Promise<{ readonly round: KillRound; readonly unanswered: readonly string[] }> {
  // the server is started and its tools are known before the clock runs
  await gateway.call(`r${round}-first`, `r${round}-first`)
  let next = 0
  let answered = 0
  let dead = false
  const unanswered: string[] = []
  const killedAfterMs = 40 + Math.floor(Math.random() * 360)
  const agents = Array.from({ length: callers }, async () => {
    while (!dead) {
      const id = `r${round}-${next++}`
      await gateway.call(id, id).then(
        ({ status }) => (status === 200 ? answered++ : unanswered.push(id)),
        () => unanswered.push(id),
      )
    }
  })
  await new Promise((resolve) => setTimeout(resolve, killedAfterMs))
  await gateway.kill('SIGKILL')
  dead = true
  await Promise.all(agents)
  return { round: { answered, killedAfterMs }, unanswered }
}
