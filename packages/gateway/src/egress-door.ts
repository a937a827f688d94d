import type { Principal } from '@sallyport/core'
import type { Clock } from './boundary/ports.ts'
import type { Identity } from './control/identity/identity.ts'
import { handedOver, openDoor, type HandedOver, type Shown } from './execution/egress/door.ts'
import type { Lender } from './execution/egress/lend.ts'
import type { EgressAttempt } from './execution/egress/proxy.ts'
import { egressOf } from './execution/egress/way-out.ts'

export interface EgressDoorDeps {
  readonly identity: Pick<Identity, 'verify' | 'exchange' | 'alive' | 'whileAlive'>
  readonly clock: Clock
  readonly lenderOf: (holder: string, instance: string) => Promise<Lender>
  readonly attempted: (agent: Principal, attempt: EgressAttempt) => Promise<void>
  readonly refused: (name: string) => Promise<void>
}

/** The way out for agents outside of sandboxes: nobody is held there, so it protects who uses it and stops nobody who does not. */
export interface EgressDoor {
  /** @param place `host:port` on the loopback. @throws SallyportError SP_CONFIG_INVALID when nothing can listen there */
  listen(place: string): Promise<void>
  /** What programs of an agent have to trust, PEM; undefined when nothing that it may reach is looked into. */
  authorityOf(agent: Principal): Promise<string | undefined>
  close(): void
}

/** How long an authority is used, ms; it lives a day longer. */
const USED = 6 * 86_400_000

interface Way extends HandedOver {
  readonly authority: string | undefined
}
/** One agent's, from when it was opened, ms since 1970. */
interface Opened {
  readonly from: number
  readonly way: Promise<Way>
}

export function createEgressDoor({ identity, clock, lenderOf, attempted, refused }: EgressDoorDeps): EgressDoor {
  const ways = new Map<string, Opened>()
  const closing: (() => void)[] = []
  const open = async (agent: Principal): Promise<Way> => {
    const lender = await lenderOf(agent.id, agent.instance)
    const rules = { allowedHosts: [], blockedHosts: [] }
    const { take, close } = handedOver(egressOf(rules, (attempt) => attempted(agent, attempt), lender))
    const ends = [close]
    const end = (): void => {
      for (const each of ends.splice(0)) each()
    }
    const forget = identity.whileAlive(agent, () => {
      end()
      ways.delete(agent.id)
    })
    ends.push(forget)
    return { take, close: end, authority: lender.authority?.certificate }
  }
  const wayOf = (agent: Principal): Promise<Way> => {
    const known = ways.get(agent.id)
    if (known !== undefined && clock.now() - known.from < USED) return known.way
    const opened = { from: clock.now(), way: open(agent) }
    ways.set(agent.id, opened)
    opened.way.catch(() => ways.delete(agent.id))
    void known?.way.then(({ close }) => close())
    return opened.way
  }
  const agentOf = ({ name, token }: Shown): Principal | undefined => {
    const held = identity.verify(token)
    const issued = held.ok ? undefined : identity.exchange(token)
    const found = issued?.ok === true ? identity.verify(issued.value.credential) : held
    const isTheirs = found.ok && found.value.id === name && found.value.effects?.includes('external') === true
    return isTheirs && identity.alive(found.value).ok ? found.value : undefined
  }
  return {
    async listen(place) {
      const admit = async (shown: Shown): Promise<HandedOver | undefined> => {
        const agent = agentOf(shown)
        return agent === undefined ? undefined : wayOf(agent)
      }
      closing.push(await openDoor(place, { admit, refused }))
    },
    authorityOf: async (agent) => (await wayOf(agent)).authority,
    close() {
      for (const close of closing.splice(0)) close()
      for (const { way } of ways.values()) void way.then((one) => one.close())
    },
  }
}
