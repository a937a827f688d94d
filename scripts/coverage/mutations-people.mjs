const PEOPLE = 'packages/gateway/src/control/people'
const API = 'packages/gateway/src/ingress/api'
const LOGINS = 'test/people/logins.test.ts'
const SETUP = 'test/people/setup.test.ts'
const SIGN_IN = 'test/people/sign-in.test.ts'

/** Controls over people, their sessions and the ways in. */
export const PEOPLE_MUTATIONS = [
  {
    id: 'poll-keeps-a-session',
    proves: 'E-47 AC-4.2.4',
    file: `${PEOPLE}/logins.ts`,
    find: 'if (active) this.#touch(live)',
    replace: 'this.#touch(live)',
    test: LOGINS,
  },
  {
    id: 'absolute-age-ignored',
    proves: 'AC-4.2.2 AC-2.5.2',
    file: `${PEOPLE}/logins.ts`,
    find: "if (absoluteTimeout > 0 && now - createdAt >= absoluteTimeout) return 'absolute'",
    replace: '',
    test: LOGINS,
  },
  {
    id: 'login-revocation-not-pushed',
    proves: 'AC-2.5.4 E-27',
    file: `${PEOPLE}/logins.ts`,
    find: 'for (const listener of listeners) listener(code)',
    replace: '',
    test: LOGINS,
  },
  {
    id: 'last-admin-removable',
    proves: 'E-48',
    file: `${PEOPLE}/people.ts`,
    find: "if (own === undefined || own.origin === 'company') return",
    replace: 'return',
    test: 'test/people/people.test.ts',
  },
  {
    id: 'link-after-a-call',
    proves: 'T-007',
    file: `${PEOPLE}/setup.ts`,
    find: "return (await this.#deps.agentHasCalled()) ? refuse('SP_AUTHN_LINK', AGENT_WAS_HERE) : pass(null)",
    replace: 'return pass(null)',
    test: SETUP,
  },
  {
    id: 'link-in-any-browser',
    proves: 'T-007',
    file: `${PEOPLE}/links.ts`,
    find: "if (link.bound !== '') return refuse('SP_AUTHN_LINK', 'It was already used.')",
    replace: '',
    test: SETUP,
  },
  {
    id: 'role-of-a-proof-ignored',
    proves: 'T-008 T-003',
    file: `${API}/dispatch.ts`,
    find: "if (!verdict.ok) throw new SallyportError('SP_AUTHZ_SCOPE', verdict.reason)",
    replace: 'void verdict',
    test: SIGN_IN,
  },
  {
    id: 'device-without-its-persons-word',
    proves: 'TM-ACCESS-001',
    file: `${PEOPLE}/setup.ts`,
    find: "return link.ok && toConfirm(link.value) ? refuse('SP_AUTHN_LINK', UNCONFIRMED) : link",
    replace: 'void [toConfirm, UNCONFIRMED]\n    return link',
    test: SETUP,
  },
  {
    id: 'pairing-code-for-minutes',
    proves: 'FV-3 TM-ACCESS-001',
    file: `${PEOPLE}/links.ts`,
    find: 'export const PAIRING_MS = 30_000',
    replace: 'export const PAIRING_MS = 300_000',
    test: 'test/people/pairing.test.ts',
  },
  {
    id: 'pairing-codes-counted-before-only',
    proves: 'FV-6',
    file: `${PEOPLE}/devices.ts`,
    find: '    const code = readableCode(random, 8)\n',
    replace:
      "    const code = readableCode(random, 8)\n    if ((await this.#codes(operator)) < OPEN_CODES) {\n      const early = await links.make({ for: 'device', operator, by: operator }, { code: plainCode(code) })\n      return early.ok ? pass({ code, endsAt: early.value.endsAt }) : early\n    }\n",
    test: 'test/people/pairing-store.test.ts',
  },
  {
    id: 'pairing-code-for-two-browsers',
    proves: 'FV-6',
    file: `${PEOPLE}/links.ts`,
    find: '    if (!(await this.#deps.store.put(rowOf(bound), document.version)))',
    replace: '    if (!(await this.#deps.store.put(rowOf(bound), document.version)) && false)',
    test: 'test/people/pairing-store.test.ts',
  },
  {
    id: 'pairing-codes-without-end',
    proves: 'FV-3',
    file: `${PEOPLE}/devices.ts`,
    find: '> OPEN_CODES) {',
    replace: '> OPEN_CODES + 1) {',
    test: 'test/people/pairing.test.ts',
  },
  {
    id: 'sessions-without-end-by-a-zero',
    proves: 'ND-4.2.a E-44',
    file: 'packages/gateway/src/config/security-options.ts',
    find: 'c.session.idleTimeout === 0',
    replace: 'c.session.idleTimeout < 0',
    test: 'test/api/session-ends.test.ts',
  },
]
