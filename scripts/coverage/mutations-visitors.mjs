// Controls of the surfaces that agents face, taken out one each.
const CORE = 'packages/core/src/surface'
const GATEWAY = 'packages/gateway/src'
const CEILING = 'test/surfaces/ceiling.test.ts'
const DOORS = 'test/surfaces/doors.test.ts'
const ATTACK = 'test/surfaces/attack.test.ts'
const TABLE = 'packages/core/src/surface/public-tool.test.ts'
const PROCESS = 'test/surfaces/process.test.ts'

export const VISITOR_MUTATIONS = [
  {
    id: 'surface-no-ceiling',
    proves: 'HB-7 HB-23 HB-83 T-173',
    file: `${GATEWAY}/control/surfaces/surfaces.ts`,
    find: 'serves(entryOf(id).scope, surfaceOf(principal)) ? pass(null) : NOT_OFFERED',
    replace: "id !== '' ? pass(null) : NOT_OFFERED",
    test: CEILING,
  },
  {
    id: 'surface-shows-all',
    proves: 'HB-80 HB-81',
    file: `${GATEWAY}/boundary/boundary.ts`,
    find: 'ports.surfaces.shows(caller.principal, tool) && ',
    replace: '',
    test: CEILING,
  },
  {
    id: 'surface-tells-what-there-is',
    proves: 'T-173',
    file: `${GATEWAY}/boundary/admit-tool.ts`,
    find: '  return offered.ok ? why : offered',
    replace: '  return offered.ok ? offered.value ?? why : why',
    test: CEILING,
  },
  {
    id: 'surface-unlimited',
    proves: 'E-91',
    file: `${GATEWAY}/control/surfaces/surfaces.ts`,
    find: 'limits.get(tool.id)?.take(principal.id) ?? { ok: true }',
    replace: '{ ok: true as const }',
    test: ATTACK,
  },
  {
    id: 'surface-opens-routes',
    proves: 'HB-55 HB-83 T-173',
    file: `${GATEWAY}/ingress/api/guard-request.ts`,
    find: "principal.surface === 'public' && entry.visitors !== true",
    replace: "principal.surface === 'public' && entry.path === ''",
    test: DOORS,
  },
  {
    id: 'surface-vouched-for',
    proves: 'HB-82',
    file: `${GATEWAY}/control/identity/agents.ts`,
    find: "surface === 'public' && agent.scopes.includes('vouch')",
    replace: "surface === 'public' && agent.scopes.length === 0",
    test: DOORS,
  },
  {
    id: 'surface-unknown-is-local',
    proves: 'HB-7',
    file: `${GATEWAY}/control/identity/agent.ts`,
    find: '  if (!isSurface(surface)) return undefined\n',
    replace: '  if (!isSurface(surface)) return { ...({} as Agent), name: document.id, state }\n',
    test: DOORS,
  },
  {
    id: 'surface-words-untold',
    proves: 'HB-23',
    file: `${GATEWAY}/control/surfaces/visitors.ts`,
    find: "agent.surface === 'public'",
    replace: "agent.surface === 'admin'",
    test: CEILING,
  },
  {
    id: 'surface-gives-what-changes',
    proves: 'HB-18 E-91',
    file: `${CORE}/public-tool.ts`,
    find: '  if (change !== undefined) return',
    replace: "  if (change === '') return",
    test: TABLE,
  },
  {
    id: 'surface-reads-back',
    proves: 'E-91',
    file: `${CORE}/public-tool.ts`,
    find: 'left.has(thing) && meets(name, READS) !== undefined',
    replace: 'left.has(thing) && name === thing',
    test: TABLE,
  },
  {
    id: 'surface-any-agent',
    proves: 'HB-82',
    file: 'packages/surface/src/main.ts',
    find: 'who.surface !== surface',
    replace: "who.surface === ''",
    test: PROCESS,
  },
  {
    id: 'surface-takes-any-token',
    proves: 'FV-5 T-173',
    file: 'packages/surface/src/visitors.ts',
    find: "    if (known === undefined) return 'unknown'\n",
    replace: '    if (known === undefined) return this.#begin(now)\n',
    test: PROCESS,
  },
]
