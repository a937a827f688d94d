import { SallyportError } from '@sallyport/core'
import type { NativeAnswer } from './event.ts'
import type { HookClient } from './hook-client.ts'
import type { HookCommand, WiredHost } from './host.ts'
import { HOOK_MARK } from './hook-file.ts'
import { UNREACHABLE_NOTE } from './unreachable.ts'

/** Absolute paths that `init` found; nothing in a hook is looked up again at run time (T-038). */
export interface HookPaths {
  /** `<state>/hooks/<host>-<agent>.sh` */
  readonly script: string
  readonly socket: string
  readonly credential: string
  readonly curl: string
  /** Command that starts the gateway and returns at once. */
  readonly start: readonly string[]
}

/**
 * The hook client: six lines of POSIX sh. It asks the gateway over its socket, prints the one line the gateway says and
 * nothing else, and denies by itself when there is no answer within half of the host's patience (T-043). Called with
 * `observe` for events that only report; these never block. `-q` first: no .curlrc; `--noproxy`: no proxy (T-039).
 */
export function hookScript(host: WiredHost, paths: HookPaths): string {
  const gateDeadline = deadlineSeconds(host.timeoutSeconds)
  const observeDeadline = deadlineSeconds(host.observeTimeoutSeconds)
  const note = unreachableNote(host)
  const deny = [host.unreachable.stderr, JSON.stringify(host.unreachable.stdout)].map(quote).join('"$n"')
  const curl = [
    `${quote(paths.curl)} -q -sf --noproxy '*' --connect-timeout 5 -m "$t" --unix-socket ${quote(paths.socket)}`,
    `-H ${quote(`@${paths.credential}`)} -H 'content-type: application/json' -H 'expect:' --data-binary @- -w '%{http_code}'`,
    `http://sallyport/v1/hooks/${host.profile.id} 2>/dev/null`,
  ].join(' ')
  const start = `${paths.start.map(quote).join(' ')} </dev/null >/dev/null 2>&1 &`
  return [
    '#!/bin/sh',
    `# Sallyport hook client for ${host.profile.title}. Written by \`sallyport init\`; \`sallyport init --undo\` takes it out.`,
    `PATH=/usr/bin:/bin; export PATH; n='\n'; t=${gateDeadline}; [ "$1" != observe ] || t=${observeDeadline}`,
    `a=$(${curl}) || a=`,
    `case $a in "0$n{"*}200) a=\${a#*"$n"}; printf '%s\\n' "\${a%200}" && exit 0; echo 'sallyport: stdout is closed' >&2; exit 2 ;;`,
    `"2$n"*"$n{"*}200) a=\${a#*"$n"}; a=\${a%200} ;; *) ${start}`,
    `[ "$1" != observe ] || { printf '%s\\n' ${quote(JSON.stringify(note.stdout))}; exit 0; }; a=${deny} ;; esac`,
    `printf '%s\\n' "\${a%%"$n"*}" >&2; printf '%s\\n' "\${a#*"$n"}"; exit 2`,
    '',
  ].join('\n')
}

/** Our own deadline: half of the host's, so that we answer before it gives up (T-043). */
export const deadlineSeconds = (hostTimeoutSeconds: number): number => Math.floor(hostTimeoutSeconds / 2)

/**
 * The command lines for the host's configuration. `env -i` takes every variable away from the shell and from curl before
 * they start (T-039); a script that is missing makes sh exit with an error text, which blocks.
 */
export function hookCommand(host: WiredHost, script: string): HookCommand {
  const gate = `/usr/bin/env -i ${HOOK_MARK}${host.profile.id} /bin/sh ${quote(script)}`
  return { gate, observe: `${gate} observe` }
}

/** The same with the Node client, where there is no curl. `clients` is the file that `nodeHookClients` describes. */
export function nodeHookCommand(host: WiredHost, node: string, entry: string, clients: string): HookCommand {
  const gate = [
    `/usr/bin/env -i ${HOOK_MARK}${host.profile.id}`,
    ...[node, '--no-warnings', entry, clients].map(quote),
  ].join(' ')
  return { gate, observe: `${gate} observe` }
}

/** What the Node client has to know: everything, so that it looks nothing up. */
export function nodeHookClients(
  host: WiredHost,
  paths: Pick<HookPaths, 'socket' | 'credential'>,
): { readonly gate: HookClient; readonly observe: HookClient } {
  const { socket, credential } = paths
  const base = { host: host.profile.id, socket, credential }
  const native = (answer: NativeAnswer) => ({ ...answer, stdout: JSON.stringify(answer.stdout) })
  return {
    gate: {
      ...base,
      deadlineMs: deadlineSeconds(host.timeoutSeconds) * 1000,
      unreachable: native(host.unreachable),
    },
    observe: {
      ...base,
      deadlineMs: deadlineSeconds(host.observeTimeoutSeconds) * 1000,
      unreachable: native(unreachableNote(host)),
    },
  }
}

const unreachableNote = (host: WiredHost): NativeAnswer =>
  host.encode({ event: 'session.start', native: 'SessionStart' }, { kind: 'note', text: UNREACHABLE_NOTE })

/** @throws SallyportError SP_CONFIG_INVALID for a path that no shell text can carry safely. */
function quote(text: string): string {
  if (/[\p{Cc}]/u.test(text)) throw new SallyportError('SP_CONFIG_INVALID', 'A path contains control characters.')
  return /^[A-Za-z0-9_./:@=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
