import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { SallyportError } from '@sallyport/core'
import { LISTENER } from '../egress/listener.ts'
import { textOf } from './host.ts'

/** Descriptors of the gate and of the channel to the listener, inside. One digit each: some shells know no others. */
export interface GateDescriptors {
  readonly gate: number
  readonly channel: number
}

/** Longest that making and looking at a sandbox may take, ms. */
export const READY_LIMIT = 10_000
const LOOK_AGAIN = 1

/** Becomes the command. */
const BECOME = 'exec "$0" "$@"'
/**
 * Runs the command as the first process of its process namespace must: it stays, so that the command may be ended by signals, reaps
 * what others leave, and says nothing itself.
 */
export const ATTEND = 'exec 9>&2 2>/dev/null; (exec "$0" "$@" 2>&9 9>&-); exit $?'

/**
 * Inside, with every wall up: waits until it is let go, and ends when nobody is there to do so. A shell, because it also finds the
 * program and says 126 or 127 when it cannot run it. On demand it first opens the listener, with the host's Node.
 */
export function gateScript(node: string, { gate, channel }: GateDescriptors, run = BECOME): string {
  const quoted = `'${node.replaceAll("'", `'\\''`)}'`
  const listen = `(cd /; NODE_OPTIONS= NODE_CHANNEL_FD=${channel} ${quoted} -e '${LISTENER}' <&- ${gate}<&-)`
  return [
    `while read -r word <&${gate}; do case $word in`,
    `listen) ${listen} || exit 125;;`,
    `go) exec ${gate}<&- ${channel}<&-; ${run};;`,
    'esac; done; exit 125',
  ].join(' ')
}

/** `read`, on either architecture, of what a shell has put in the place of its standard input: the gate. */
const AT_GATE = /^(?:0|63) 0x0 /

/**
 * Host id of the process that waits at a gate.
 * @param candidates asked again until one of them waits
 * @throws SallyportError SP_SANDBOX_UNAVAILABLE when what makes the sandbox ends before, or takes too long
 */
export async function waitingAtGate(maker: ChildProcess, candidates: () => readonly number[]): Promise<number> {
  const until = performance.now() + READY_LIMIT
  for (;;) {
    const found = candidates().find((pid) => pid > 0 && AT_GATE.test(textOf(`/proc/${pid}/syscall`)))
    if (found !== undefined) return found
    if (maker.exitCode !== null || maker.signalCode !== null)
      throw unready('ended before it was ready, and says why above')
    if (performance.now() > until) throw unready('was not ready in time')
    await sleep(LOOK_AGAIN)
  }
}

const unready = (what: string): SallyportError =>
  new SallyportError('SP_SANDBOX_UNAVAILABLE', `What makes the sandbox ${what}.`)
