import { connect, type Server, type Socket } from 'node:net'
import { startSandbox } from '../../execution/sandbox/start.ts'
import { splice } from '../../execution/egress/splice.ts'
import { loadSeccompProfile } from '../../execution/sandbox/seccomp-profiles.ts'
import { systemRandom } from '../../random.ts'
import type { CliIo } from '../command.ts'
import { outcomeOf } from '../sandbox/outcome.ts'
import type { RunOrder } from './order.ts'
import { showGateway, type Run } from './shown-files.ts'

/**
 * Runs the agent in its sandbox, on the streams of this process. Whoever connects to the listener inside is handed to the gateway, on the
 * socket that stands for this run.
 * @returns the agent's exit code
 */
export async function runInside(io: CliIo, order: RunOrder, run: Run) {
  const shown = showGateway(io.stateDir, run, order.agent, order.host)
  try {
    const sandbox = await startSandbox({
      id: systemRandom.uuid(),
      profile: order.profile,
      seccomp: loadSeccompProfile(order.profile.seccomp),
      command: order.command,
      workspace: order.workspace,
      mounts: [...order.mounts, ...shown.mounts],
      env: { ...shown.env, ...order.env },
      stdio: ['inherit', 'inherit', 'inherit'],
      terminal: io.isTerminal,
      wayOut: (listener) => handOn(listener, run.socket),
    })
    return await outcomeOf(io, sandbox)
  } finally {
    shown.remove()
  }
}

/** Every connection from inside becomes one to the gateway; without the gateway there is none. */
function handOn(listener: Server, socketPath: string): () => void {
  const open = new Set<Socket>()
  Object.assign(listener, { allowHalfOpen: true })
  listener.on('connection', (client: Socket) => {
    const gateway = connect({ path: socketPath, allowHalfOpen: true })
    for (const each of [client, gateway]) {
      open.add(each)
      each.once('close', () => open.delete(each))
    }
    splice(client, gateway)
  })
  return () => {
    listener.close()
    for (const socket of open) socket.destroy()
  }
}
