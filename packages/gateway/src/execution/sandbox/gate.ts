import { LISTENER } from '../egress/listener.ts'
import { FD } from './bubblewrap-arguments.ts'

/**
 * Inside, with every wall up: waits until it is let go, and ends when nobody is there to do so. A shell, because it also finds the
 * program and says 126 or 127 when it cannot run it. On demand it first opens the listener, with the host's Node.
 */
export function gateScript(node: string): string {
  const quoted = `'${node.replaceAll("'", `'\\''`)}'`
  const listen = `(cd /; NODE_CHANNEL_FD=${FD.channel} ${quoted} -e '${LISTENER}' <&- ${FD.gate}<&-)`
  return [
    `while read -r word <&${FD.gate}; do case $word in`,
    `listen) ${listen} || exit 125;;`,
    `go) exec ${FD.gate}<&- ${FD.channel}<&-; exec "$0" "$@";;`,
    'esac; done; exit 125',
  ].join(' ')
}
