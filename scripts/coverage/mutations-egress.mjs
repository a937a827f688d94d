// Controls of the way out, taken out one each.
const EGRESS = 'packages/gateway/src/execution/egress'
const INTERCEPT = `${EGRESS}/intercept.test.ts`
const LIMITS = `${EGRESS}/limits.test.ts`

export const EGRESS_MUTATIONS = [
  {
    id: 'http2-authority-unchecked',
    proves: 'T-116 T-118',
    file: `${EGRESS}/http2.ts`,
    find: '    if (!isOf(request)) return void outgoing.writeHead(421).end()\n',
    replace: '',
    test: INTERCEPT,
  },
  {
    id: 'http2-two-hosts',
    proves: 'T-116 T-118',
    file: `${EGRESS}/http2.ts`,
    find: ' || host !== authority',
    replace: '',
    test: INTERCEPT,
  },
  {
    id: 'limit-not-counted',
    proves: 'HB-89',
    file: `${EGRESS}/limits.ts`,
    find: '    for (const count of new Set(fitting.map(({ requests }) => requests))) count.add(1, now)\n',
    replace: '',
    test: LIMITS,
  },
  {
    id: 'limit-bytes-not-cut',
    proves: 'HB-89',
    file: `${EGRESS}/limits.ts`,
    find: "    if (over !== undefined) cut({ reason: 'limit_bytes', rule: over.limit.name })\n",
    replace: '',
    test: LIMITS,
  },
]
