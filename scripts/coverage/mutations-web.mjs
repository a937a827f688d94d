// Controls of the tools that ask other hosts; see mutations.mjs.
const GATEWAY = 'packages/gateway/src'
const CORE = 'packages/core/src'
const ATTACKS = 'test/web/attacks.test.ts'
const WHOLE = 'test/web/gateway.test.ts'
const RULES = 'test/web/rules.test.ts'

export const WEB_MUTATIONS = [
  {
    id: 'web-redirect-not-read-strictly',
    proves: 'HB-70',
    file: `${CORE}/web/request-url.ts`,
    find: "read.ok && from.scheme === 'https' && read.url.scheme !== 'https' ? { ok: false, fault: 'downgrade' } : read",
    replace: 'read',
    test: ATTACKS,
  },
  {
    id: 'web-redirects-without-end',
    proves: 'HB-70',
    file: `${GATEWAY}/execution/web/fetch-page.ts`,
    find: 'if (hops.length > MOST_REDIRECTS) {',
    replace: 'if (hops.length > 2 * MOST_REDIRECTS) {',
    test: ATTACKS,
  },
  {
    id: 'web-host-not-judged',
    proves: 'HB-8 HB-72',
    file: `${GATEWAY}/execution/web/web-deps.ts`,
    find: 'hosts: hosts.map(parseHostRule)',
    replace: "hosts: [...hosts, 'inner.test:*', '127.0.0.1:*'].map(parseHostRule)",
    test: ATTACKS,
  },
  {
    id: 'web-rules-of-egress-not-asked',
    proves: 'HB-45',
    file: `${GATEWAY}/execution/egress/ask.ts`,
    find: "  if (!passed.ok) return refuse('SP_EGRESS_RULE', passed.reason, passed.rule)\n",
    replace: '',
    test: RULES,
  },
  {
    id: 'web-rules-of-egress-add-hosts',
    proves: 'HB-45 HB-72',
    file: `${GATEWAY}/execution/egress/ask.ts`,
    find: '{ ...held, allowed: [] }',
    replace: 'held',
    test: RULES,
  },
  {
    id: 'body-without-a-type-is-of-any',
    proves: 'HB-45',
    file: `${GATEWAY}/execution/egress/facts.ts`,
    find: 'contentType === undefined && body === undefined ? undefined',
    replace: 'contentType === undefined ? undefined',
    test: RULES,
  },
  {
    id: 'web-caller-headers-not-read',
    proves: 'T-115 T-116',
    file: `${CORE}/web/request-headers.ts`,
    find: "  if (OURS.has(name) || OVERRIDES.test(name)) return 'is for the gateway to set'\n",
    replace: '',
    test: ATTACKS,
  },
  {
    id: 'web-attempt-not-recorded',
    proves: 'E-78',
    file: `${GATEWAY}/execution/egress/ask.ts`,
    find: "  await report({ ...shown, verdict: 'allowed', rule, ...foundIn({ secrets }) })\n",
    replace: '',
    test: ATTACKS,
  },
  {
    id: 'web-secret-leaves',
    proves: 'HB-52',
    file: `${GATEWAY}/control/content/gate.ts`,
    find: '      if (tool.annotation.groups.includes(LEAVES)) raw.push(...secretsIn(args, deps.known))\n',
    replace: '',
    test: WHOLE,
  },
  {
    id: 'web-hosts-are-no-sources',
    proves: 'HB-70',
    file: `${GATEWAY}/control/flow/flow.ts`,
    find: '  if (cameFrom === undefined) return label\n',
    replace: '  return label\n',
    test: WHOLE,
  },
  {
    id: 'web-answer-scrubbed-as-bytes-alone',
    proves: 'T-126',
    file: `${GATEWAY}/execution/web/web-result.ts`,
    find: "  Buffer.concat([scrubber.push(Buffer.from(text)), scrubber.end()]).toString('utf8')\n",
    replace: '  (scrubber.end(), text)\n',
    test: WHOLE,
  },
  {
    id: 'web-answer-cut-through-a-value',
    proves: 'T-126',
    file: `${GATEWAY}/execution/web/call-api.ts`,
    find: '      if (body.cut && borrowed !== undefined)\n',
    replace: '      if (body.cut && body.bytes.length === 0)\n',
    test: WHOLE,
  },
]
