import { SallyportError } from '@sallyport/core'
import { CLAUDE_CODE } from './claude-code.ts'
import { CODEX } from './codex.ts'
import { UNWIRED_HOSTS } from './facts/unwired.ts'
import type { Host, WiredHost } from './host.ts'

/** Every host that something is known about, in the order of the matrix. */
export const HOSTS: readonly Host[] = Object.freeze([CLAUDE_CODE, CODEX, ...UNWIRED_HOSTS])

export const WIRED_HOSTS: readonly WiredHost[] = Object.freeze([CLAUDE_CODE, CODEX])

/** @throws SallyportError SP_HOST_UNKNOWN; also for a host that is known but not wired yet. */
export function wiredHost(id: string): WiredHost {
  const host = WIRED_HOSTS.find(({ profile }) => profile.id === id)
  if (host !== undefined) return host
  const known = HOSTS.some(({ profile }) => profile.id === id)
  throw new SallyportError('SP_HOST_UNKNOWN', known ? `${id} is not wired yet.` : id.slice(0, 64))
}
