import { chmod, lstat, mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { SallyportError } from '@sallyport/core'
import type { Random } from '../../boundary/ports.ts'
import type { Identity } from './identity.ts'

export interface CredentialFilesDeps {
  readonly identity: Pick<Identity, 'agents' | 'sessions' | 'issueFor'>
  readonly random: Random
  /** `<state>/agents` */
  readonly directory: string
  /** ms between two writings. */
  readonly every?: number
  /** Told when a file could not be written: its agent's local clients are without a credential. */
  readonly onError?: (agent: string, error: unknown) => void
}

export interface CredentialFiles {
  /** Where the credential of an agent lies. */
  path(agent: string): string
  /** Writes all, now and then regularly. */
  start(): Promise<void>
  /** Writes or removes one agent's file now. */
  refresh(agent: string): Promise<void>
  /** Removes all. */
  stop(): Promise<void>
}

const EVERY = 300_000

/**
 * `<state>/agents/NAME/credential`: one line `authorization: Bearer …`, readable by the owner alone, replaced every five
 * minutes while the gateway runs (HB-65). Being able to read it is how a local thin client proves which agent it serves. Beside it,
 * for whoever only reads, `token`: the same without the name of the header, as Prometheus wants it (`credentials_file`).
 */
export function createCredentialFiles(deps: CredentialFilesDeps): CredentialFiles {
  const { identity, directory, onError = () => undefined } = deps
  const path = (agent: string): string => join(directory, agent, 'credential')
  const remove = async (agent: string): Promise<void> => {
    for (const name of ['credential', 'token']) await rm(join(directory, agent, name), { force: true })
  }
  const written = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  let unsubscribe: (() => void) | undefined
  // One writer at a time, in order: a file that was removed does not come back from a slower write.
  let queue: Promise<void> = Promise.resolve()

  async function apply(agent: string): Promise<void> {
    const issued = identity.issueFor(agent)
    try {
      if (issued.ok) {
        const { credential } = issued.value
        const onlyReads = identity.agents.get(agent)?.scopes.every((scope) => scope === 'read') === true
        const files = {
          credential: `authorization: Bearer ${credential}\n`,
          ...(onlyReads ? { token: credential } : {}),
        }
        await writeFiles(directory, agent, deps.random.uuid(), files)
        written.add(agent)
      } else if (written.delete(agent)) await remove(agent)
    } catch (error) {
      onError(agent, error)
    }
  }

  const refresh = (agent: string): Promise<void> => (queue = queue.then(() => apply(agent)))
  const all = async (): Promise<void> => {
    for (const { name } of identity.agents.list()) await refresh(name)
  }

  return {
    path,
    refresh,
    async start() {
      unsubscribe = identity.agents.onChange(refresh)
      identity.sessions.onEnd(({ principal, ended }) => {
        // whose session an operator ended waits for the next round: the end is not undone on the spot
        if (ended?.reason !== 'operator' && unsubscribe !== undefined && written.has(principal)) void refresh(principal)
      })
      await all()
      timer = setInterval(() => void all(), deps.every ?? EVERY)
      timer.unref()
    },
    async stop() {
      clearInterval(timer)
      unsubscribe?.()
      unsubscribe = undefined
      await queue
      for (const agent of written) await remove(agent)
      written.clear()
    },
  }
}

async function writeFiles(
  directory: string,
  agent: string,
  suffix: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  await mkdir(join(directory, agent), { recursive: true, mode: 0o700 })
  for (const folder of [directory, join(directory, agent)]) {
    const stat = await lstat(folder)
    if (!stat.isDirectory() || stat.uid !== process.getuid?.()) {
      throw new SallyportError('SP_CONFIG_INSECURE', `${folder} is not a directory of this user.`)
    }
    if ((stat.mode & 0o077) !== 0) await chmod(folder, 0o700)
  }
  for (const [name, content] of Object.entries(files)) {
    const temporary = join(directory, agent, `${name}.${suffix}`)
    const file = await open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(content)
    } finally {
      await file.close()
    }
    await rename(temporary, join(directory, agent, name))
  }
}
