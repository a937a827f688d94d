import { describe, expect, test } from 'vitest'
import { composed, read, readDiagram, whyUnresolved } from './diagram.ts'

const diagram = readDiagram(read('ARCHITECTURE.md'))

/** Parts of the composition that belong to a component of the diagram and are none of their own. */
const BESIDE = [
  'packages/gateway/src/control/content/code/code-gate.ts#createCodeGate',
  'packages/gateway/src/assurance/admission/written/thread.ts#createWrittenThread',
  'packages/gateway/src/control/activity/activity.ts#Activity',
  'packages/gateway/src/control/people/log-views.ts#LogViews',
  'packages/gateway/src/control/approvals/background.ts#createBackground',
  'packages/gateway/src/control/presence/passkeys.ts#createPasskeys',
  'packages/gateway/src/alerts/memory.ts#Memory',
  'packages/gateway/src/alerts/review.ts#createReview',
  'packages/gateway/src/alerts/tap.ts#createTap',
  'packages/gateway/src/control/content/command/reader.ts#commandReader',
  'packages/gateway/src/control/content/detectors.ts#lazyDetector',
  'packages/gateway/src/control/content/rules/rule-packs.ts#RulePacks',
  'packages/gateway/src/control/flow/written.ts#WrittenTaint',
  'packages/gateway/src/control/flow/labels.ts#InstanceLabels',
  'packages/gateway/src/control/content/rules/pack-files.ts#openPackFiles',
  'packages/gateway/src/control/catalogue/annotations.ts#readSheets',
  'packages/gateway/src/control/identity/credential-files.ts#createCredentialFiles',
  'packages/gateway/src/control/policy/preparer.ts#createPreparer',
  'packages/gateway/src/control/policy/drafts/drafts.ts#Drafts',
  'packages/gateway/src/evidence/log/operational.ts#createOperationalLog',
  'packages/gateway/src/control/approvals/webhook.ts#createWebhookInbox',
  'packages/gateway/src/control/approvals/webhook.ts#createWebhookSender',
  'packages/gateway/src/control/approvals/slack.ts#createSlackInbox',
  'packages/gateway/src/control/approvals/slack.ts#createSlackOutbox',
  'packages/gateway/src/control/egress/allowed-hosts.ts#AllowedHosts',
  'packages/gateway/src/control/identity/rate-limiter.ts#RateLimiter',
  'packages/gateway/src/control/identity/loops.ts#Loops',
  'packages/gateway/src/control/identity/loops.ts#breakLoops',
  'packages/gateway/src/control/people/company.ts#CompanySignIn',
  'packages/gateway/src/control/people/devices.ts#Devices',
  'packages/gateway/src/control/people/links.ts#Links',
  'packages/gateway/src/control/people/logins.ts#Logins',
  'packages/gateway/src/control/people/setup.ts#Setup',
  'packages/gateway/src/control/people/sign-in.ts#SignIn',
  'packages/gateway/src/ingress/api/cookies.ts#createCookies',
  'packages/gateway/src/control/policy/prepare-thread.ts#PrepareThread',
  'packages/gateway/src/custody/backends/sources.ts#SecretSources',
  'packages/gateway/src/custody/broker/expiry-watch.ts#ExpiryWatch',
  'packages/gateway/src/custody/broker/last-used.ts#LastUsed',
  'packages/gateway/src/custody/broker/taken-back.ts#TakenBack',
  'packages/gateway/src/custody/broker/usage-watch.ts#UsageWatch',
  'packages/gateway/src/custody/vault/master-keys.ts#openMasterKeys',
  'packages/gateway/src/custody/vault/versions.ts#openVersions',
  'packages/gateway/src/execution/egress/authority.ts#createAuthority',
  'packages/gateway/src/execution/egress/book.ts#EgressBook',
  'packages/gateway/src/execution/egress/live.ts#LiveConnections',
  'packages/gateway/src/execution/egress/door.ts#openDoor',
  'packages/gateway/src/execution/egress/limits.ts#EgressLimits',
  'packages/gateway/src/execution/egress/retrieve.ts#createRetrieve',
  'packages/gateway/src/ingress/api/matrix.ts#Matrix',
  'packages/gateway/src/ingress/api/peer.ts#TrustedProxies',
  'packages/gateway/src/ingress/console/files.ts#ConsoleFiles',
  'packages/gateway/src/ingress/console/watch-certificate.ts#CertificateWatch',
  'packages/gateway/src/control/people/live-tickets.ts#createLiveTickets',
  'packages/gateway/src/ingress/live/live.ts#Live',
]

describe('the diagram of the planes', () => {
  test('AC-1.4.1: has reasoning plane, policy boundary, control plane and execution plane, each with components', () => {
    const titles = [...diagram.planes.values()].join('\n')
    for (const plane of [
      'Reasoning plane',
      'Policy boundary',
      'Control plane',
      'Execution plane',
      'Evidence and custody',
    ]) {
      expect(titles).toContain(plane)
    }
    for (const plane of diagram.planes.keys()) {
      expect(diagram.components.filter((component) => component.plane === plane).length).toBeGreaterThan(2)
    }
    expect(diagram.strange).toEqual([])
  })

  test.each(diagram.components)('AC-1.4.1 AC-1.4.4 E-19: $path#$symbol is there', (component) => {
    expect(whyUnresolved(component)).toBeUndefined()
  })

  test('AC-1.4.4: a renamed file or symbol is found', () => {
    const [first] = diagram.components
    if (first === undefined) throw new Error('no components')
    expect(whyUnresolved({ path: first.path.replace('.ts', '-renamed.ts'), symbol: first.symbol })).toMatch(/not there/)
    expect(whyUnresolved({ path: first.path, symbol: `${first.symbol}2` })).toMatch(/exports no/)
  })

  test('AC-1.4.1: trust levels look different, and every plane has its own', () => {
    const looks = [...diagram.looks.values()]
    for (const part of ['fill', 'stroke'] as const) {
      const colours = looks.map((look) => new RegExp(`(?:^|,)${part}:(#\\w+)`).exec(look)?.[1])
      expect(new Set(colours).size).toBe(diagram.looks.size)
      expect(colours).not.toContain(undefined)
    }
    const trusts = [...diagram.planes.keys()].map((plane) => {
      const used = new Set(
        diagram.components.filter((component) => component.plane === plane).map(({ trust }) => trust),
      )
      expect([...used]).toHaveLength(1)
      return [...used][0] ?? ''
    })
    expect(new Set(trusts).size).toBe(diagram.planes.size)
    expect([...diagram.looks.keys()].sort()).toEqual([...trusts].sort())
  })

  test('AC-1.4.1: what the composition puts together is drawn', () => {
    const drawn = new Set(diagram.components.map(({ path, symbol }) => `${path}#${symbol}`))
    expect(composed().filter((part) => !drawn.has(part) && !BESIDE.includes(part) && !/#[A-Z_]+$/.test(part))).toEqual(
      [],
    )
  })
})
