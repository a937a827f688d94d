import { SANDBOX_PROFILES, type PostureSeverity, type SandboxProfile } from '@sallyport/core'
import { parseConfig } from '../../packages/gateway/src/config/load.ts'
import {
  known,
  type ConfigFacts,
  type Facts,
  type FileFact,
  type GatewayFacts,
  type Need,
  type Tried,
} from '../../packages/gateway/src/assurance/posture/facts.ts'

export const NOW = Date.parse('2026-11-20T12:00:00Z')
export const FILE = '/etc/sallyport/sallyport.yaml'
const DAY = 86_400_000

/** A configuration as it would be read from a file. */
export function configured(yaml: string, bypasses: readonly string[] = []): ConfigFacts {
  const text = `version: 1\n${yaml}`
  const sources = {
    env: { HOOK: 'x'.repeat(40) },
    stateDir: '/var/lib/sallyport',
    now: NOW,
    unanswered: 'read',
  } as const
  return { config: parseConfig(text, FILE, sources).config, file: FILE, text, bypasses }
}

const file = (path: string, role: FileFact['role'], mode: number, more: Partial<FileFact> = {}): FileFact => ({
  ...{ path, role, mode, uid: 1000, isLink: false, isDirectory: false, ...more },
})
const passed = (what: string): Tried => ({ what, ok: true, said: 'refused' })

/** Parts of a machine on which everything is as it should be, with every feature that checks know of. */
const GOOD = {
  config: configured(
    'policies: [preset:balanced]\nalerts: { sinks: { ops: { type: webhook, url: https://ops.example.com/hook, secret: "${env:HOOK}" } } }\naudit: { checkpoint: { export: /mnt/other/heads } }\nbudgets: [{ name: day, limit: 1000, models: [{ host: api.openai.com, reserve: 100 }] }]',
  ),
  files: {
    uid: 1000,
    files: [
      file('/s', 'state', 0o700, { isDirectory: true }),
      file('/s/keys/mac.key', 'key', 0o600),
      file('/s/run/agent.sock', 'socket', 0o600),
      file('/s/gateway.log', 'log', 0o600),
      file(FILE, 'config', 0o644),
      file('/etc/sallyport/team.cedar', 'policy', 0o644),
      file('/etc/sallyport/token', 'login', 0o600),
    ],
    synced: [],
    inWorkspace: [],
  },
  policy: {
    ...{ sources: ['preset:balanced'], version: 'balanced@1.0', policies: 40 },
    ...{ failing: [], lint: [], waiting: [], unasked: [] },
  },
  level: { level: 'L2', because: ['the gateway is another account, and no way to it was found'] },
  environment: [],
  profiles: [{ at: 'servers.one.sandbox', profile: SANDBOX_PROFILES['server'] }],
  agents: [{ name: 'coder', scopes: ['read', 'write', 'execute'], confined: true }],
  gateway: {
    ...{ claimed: true, forwardedSeen: false, health: [], unknown: [], unenforced: [] },
    tools: [{ id: 'mail.send', state: 'pinned' }],
  },
  deep: {
    ssrf: known([passed('http://127.0.0.1/')]),
    routes: known([passed('GET /debug')]),
    sandbox: known([passed('files/read-outside')]),
    log: known(passed('log')),
    canaries: known([passed('hook'), passed('mcp'), passed('api')]),
  },
  charters: [{ agent: 'coder', boundaries: 3 }],
  skills: [
    {
      ...{ name: 'notes', state: 'internal', scope: 'internal', isForeign: true, reviewedBy: 'ana' },
      ...{ pinned: true, drifted: false, secrets: 0 },
    },
  ],
  peers: [{ name: 'billing', listed: true, tokenHashed: true, rotatedAt: NOW - DAY, rotateEvery: 30 * DAY }],
  memory: { tiers: [{ name: 'long-term', untagged: 0, erasable: true }] },
  providers: [{ name: 'vendor', acceptance: { by: 'ana', on: '2026-11-01' } }],
  models: [{ name: 'large', legacy: false, size: 400 }],
  dependencies: { packages: 12, findings: [] },
  channels: [{ name: 'chat', admission: 'pairing' }],
} as const

type Parts = { readonly [K in Need]: Facts[K] extends { readonly state: infer _ } ? ValueOf<Facts[K]> : never }
type ValueOf<T> = T extends { readonly state: 'known'; readonly value: infer V } ? V : never
export type Changes = { readonly [K in Need]?: Parts[K] }

/** The good machine, with some parts replaced. */
export function facts(changes: Changes = {}): Facts {
  const parts = Object.entries({ ...(GOOD as unknown as Parts), ...changes }).map(([name, value]) => [
    name,
    known(value as never),
  ])
  return { now: NOW, ...Object.fromEntries(parts) } as Facts
}

const good = GOOD as unknown as Parts

// Pieces that bad machines are made of.
export const yaml = (text: string, bypasses: readonly string[] = []): Changes => ({
  config: configured(text, bypasses),
})
export const gateway = (changes: Partial<GatewayFacts>): Changes => ({ gateway: { ...good.gateway, ...changes } })
export const health = (id: string, severity: 'critical' | 'high' | 'medium' | 'low' | 'info'): Changes =>
  gateway({ health: [{ id, severity, title: 'It is so', why: 'Something may happen.', next: 'Do this.' }] })
export const files = (...changed: readonly FileFact[]): Changes => ({ files: { ...good.files, files: changed } })
export const oneFile = file
export const filesWith = (changes: Partial<Parts['files']>): Changes => ({ files: { ...good.files, ...changes } })
export const policy = (changes: Partial<Parts['policy']>): Changes => ({ policy: { ...good.policy, ...changes } })
export const skill = (changes: Partial<Parts['skills'][number]>): Changes => ({
  skills: good.skills.map((one) => ({ ...one, ...changes })),
})
export const skillWithout = (name: 'scope' | 'reviewedBy'): Changes => ({
  skills: good.skills.map(
    (one) => Object.fromEntries(Object.entries(one).filter(([key]) => key !== name)) as unknown as typeof one,
  ),
})
export const peer = (changes: Partial<Parts['peers'][number]>): Changes => ({
  peers: good.peers.map((one) => ({ ...one, ...changes })),
})
export const profile = (changes: Partial<SandboxProfile>): Changes => ({
  profiles: good.profiles.map(({ at, profile: own }) => ({ at, profile: { ...own, ...changes } })),
})
export const advisory = (severity: PostureSeverity): Changes => ({
  dependencies: {
    packages: 12,
    findings: [
      {
        ...{ id: 'supply.vulnerable', severity, subject: 'left-pad 1.0.0', detail: 'GHSA-x is known.' },
        ...{ remediation: 'Update to 1.0.1.', why: 'It runs what it is given.' },
      },
    ],
  },
})
export const deep = (changes: Partial<Parts['deep']>): Changes => ({ deep: { ...good.deep, ...changes } })
export const came = (what: string, said = '200'): Tried => ({ what, ok: false, said })
export { known }
