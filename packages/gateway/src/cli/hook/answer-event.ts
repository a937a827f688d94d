import { join } from 'node:path'
import { layout } from '../../config/paths.ts'
import type { WiredHost } from '../../hosts/host.ts'
import { nodeHookClients } from '../../hosts/script.ts'
import type { CommandRun } from '../command.ts'
import { askGateway } from './entry.ts'

/** One event in, one native answer out: exactly one line on standard output, the reason on standard error (T-043). */
export function answerEvent(host: WiredHost): CommandRun {
  return async (io, _args, options) => {
    const agent = typeof options['agent'] === 'string' ? options['agent'] : host.profile.id
    const files = layout(io.stateDir)
    const credential = join(files.agents, agent, 'credential')
    const clients = nodeHookClients(host, { socket: files.agentSocket, credential })
    const chunks: Buffer[] = []
    for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
    const answer = await askGateway(options['observe'] === true ? clients.observe : clients.gate, Buffer.concat(chunks))
    if (answer.stderr !== '') io.err(answer.stderr)
    io.out(answer.stdout)
    return answer.exit
  }
}
