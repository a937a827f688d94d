// The import direction of the house. A room may import itself, what stands beside it here, and the common floor.
const ROOMS = {
  ingress: ['boundary', 'hosts'],
  alerts: ['boundary/ports', 'store/(every|ports)'],
  metrics: ['boundary/ports', 'store/(every|ports)'],
  boundary: [],
  control: ['boundary/ports', 'store/(every|ports)'],
  custody: ['boundary/ports', 'store/(every|ports)'],
  evidence: ['boundary/ports', 'store/(every|ports)'],
  execution: ['boundary/(binding|contexts|ports)', 'store/(every|ports)'],
  store: ['boundary/ports'],
  config: ['boundary/ports'],
  hosts: [],
  'assurance/registry': ['assurance/admission/bundle', 'assurance/scan/(files|skill/manifest)'],
  'assurance/scan': ['hosts'],
  'assurance/posture': ['hosts', 'assurance/scan/sarif-log'],
  'assurance/sbom': ['assurance/scan'],
  'assurance/advisories': ['assurance/sbom'],
}
const FLOOR = [
  'config/',
  'certificates\\.ts$',
  'clock\\.ts$',
  'grammars\\.ts$',
  'places\\.ts$',
  'random\\.ts$',
  'worker\\.ts$',
  'order-thread\\.ts$',
]

const GATEWAY = '^packages/gateway/src/'
const SDK = '^packages/sdk/'
const SURFACE = '^packages/surface/'
const TEST = '(\\.test\\.ts$|/fixtures/)'
const within = (rooms) => `${GATEWAY}(${rooms.join('|')})`

/** `modules` are imported by these rooms of the gateway and by nothing else that ships. */
const only = (name, modules, rooms, comment, alsoIn = '^$') => ({
  name,
  severity: 'error',
  comment,
  from: { path: '^packages/[^/]+/src/', pathNot: [TEST, within(rooms), alsoIn] },
  to: { path: `(^|node_modules/)(${modules.join('|')})(/|$)` },
})

const rooms = Object.entries(ROOMS).map(([room, others]) => ({
  name: `room-${room.replaceAll('/', '-')}`,
  severity: 'error',
  comment: `${room} may import ${[...others, 'config', 'clock', 'places', 'random', 'worker', 'order-thread'].join(', ')}, and nothing else of the gateway`,
  from: { path: `${GATEWAY}${room}/`, pathNot: TEST },
  to: { path: GATEWAY, pathNot: within([`${room}/`, ...others, ...FLOOR]) },
}))

module.exports = {
  forbidden: [
    ...rooms,
    {
      name: 'core-is-pure',
      severity: 'error',
      comment: 'core has no I/O: of Node it may use crypto, for hashing',
      from: { path: '^packages/core/src/', pathNot: TEST },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    },
    {
      name: 'core-stands-alone',
      severity: 'error',
      from: { path: '^packages/core/' },
      to: { path: '^(packages/(?!core/)|bench/|test/)' },
    },
    {
      name: 'sdk-needs-core-only',
      severity: 'error',
      from: { path: '^packages/sdk/', pathNot: TEST },
      to: { path: '^(packages/(?!core/|sdk/)|bench/|test/)' },
    },
    {
      name: 'surface-needs-sdk-only',
      severity: 'error',
      from: { path: SURFACE, pathNot: TEST },
      to: { path: '^(packages/(?!sdk/|surface/)|bench/|test/)' },
    },
    {
      name: 'entry-points-only',
      severity: 'error',
      comment: 'packages meet at the names in their exports',
      from: { path: '^packages/([^/]+)/src/' },
      to: {
        path: '^packages/[^/]+/src/',
        pathNot: [
          '^packages/$1/',
          '^packages/core/src/(index|budget|surface|errors/(codes|error)|json/parse|approval/(digests-web|escape)|detect/rules/verify-pack|audit/(chain|checkpoint|proof|tree|search/(facets|query))|story/layout)\\.ts$',
          '^packages/sdk/src/[^/]+\\.ts$',
        ],
      },
    },
    {
      name: 'composition-root-is-below-the-commands',
      severity: 'error',
      from: { path: `${GATEWAY}(?!cli/|tui/)`, pathNot: TEST },
      to: { path: `${GATEWAY}(cli|tui)/` },
    },
    {
      name: 'tui-is-loaded-lazily',
      severity: 'error',
      from: { path: `${GATEWAY}(?!tui/)` },
      to: { path: `${GATEWAY}tui/`, dynamic: false },
    },
    only('processes', ['child_process', 'cluster'], ['execution/', 'ingress/mcp/', 'cli/'], 'who may start processes'),
    only(
      'http',
      ['https?', 'http2', 'fastify'],
      ['ingress/', 'execution/egress/', 'execution/sandbox/docker/engine\\.ts$', 'cli/'],
      'who may speak HTTP; cli to the operator socket, the sandbox to that of an engine, a surface to visitors',
      `${SDK}|${SURFACE}`,
    ),
    only(
      'sockets',
      ['net', 'tls', 'dgram', 'dns'],
      ['ingress/', 'execution/egress/', 'cli/'],
      'who may open sockets; cli to local ones',
    ),
    only('outgoing', ['undici', 'ws', 'eventsource'], ['ingress/', 'execution/egress/'], 'the only way out is egress'),
    only(
      'postgres',
      ['pg'],
      ['store/postgres/', 'custody/backends/supabase\\.ts$'],
      'the store speaks SQL, and a backend of values that lies in a database',
    ),
    only('sqlite', ['better-sqlite3'], ['store/sqlite/'], 'the store speaks SQL, nobody else'),
    {
      name: 'no-circular',
      severity: 'error',
      comment: 'types may refer to each other, code may not',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'shipped-code-uses-shipped-packages',
      severity: 'error',
      from: { path: '^packages/(?!console/)[^/]+/src/', pathNot: TEST },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^packages/[^/]+/(dist|bundle|console/assets)/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'node', 'default'],
      extensions: ['.ts', '.js'],
    },
  },
}
