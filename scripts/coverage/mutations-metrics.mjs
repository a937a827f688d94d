// Controls of metrics and of the security score; see mutations.mjs.
const GATEWAY = 'packages/gateway/src'
const METRICS = 'test/metrics/metrics.test.ts'
const LABELS = 'test/metrics/labels.test.ts'
const HEALTH = 'test/metrics/health.test.ts'
const CHECKS = 'test/metrics/checks.test.ts'

export const METRICS_MUTATIONS = [
  {
    id: 'metrics-for-agents',
    proves: 'E-28 TM-RECON',
    file: `${GATEWAY}/ingress/api/metrics-routes.ts`,
    find: "if (plane === 'agent' && principal.scopes.some((scope) => scope !== 'read'))",
    replace: 'if (false)',
    test: METRICS,
  },
  {
    id: 'metrics-labels-not-escaped',
    proves: 'T-168',
    file: `${GATEWAY}/metrics/label-bound.ts`,
    find: 'escapeText(clean(value.slice(0, 4 * LONGEST)))',
    replace: 'clean(value.slice(0, 4 * LONGEST))',
    test: LABELS,
  },
  {
    id: 'metrics-labels-without-number',
    proves: 'T-168 T-157',
    file: `${GATEWAY}/metrics/label-bound.ts`,
    find: "    if (values.size >= MOST) return 'other'\n",
    replace: '',
    test: LABELS,
  },
  {
    id: 'metrics-labels-not-redacted',
    proves: 'AC-7.4.6',
    file: `${GATEWAY}/metrics/registry.ts`,
    find: 'label === foreign ? this.#clean : undefined',
    replace: 'undefined',
    test: LABELS,
  },
  {
    id: 'metrics-words-of-others',
    proves: 'T-168',
    file: `${GATEWAY}/metrics/from-record.ts`,
    find: "(shape.test(value) ? value : 'other')",
    replace: '(shape.test(value) ? value : value)',
    test: LABELS,
  },
  {
    id: 'health-critical-not-capped',
    proves: 'E-73',
    file: 'packages/core/src/health/score.ts',
    find: '{ critical: 39, high: 69 }',
    replace: '{ critical: 60, high: 75 }',
    test: 'packages/core/src/health/score.test.ts',
  },
  {
    id: 'health-unknown-is-fine',
    proves: 'AC-7.4.3',
    file: `${GATEWAY}/metrics/health/health.ts`,
    find: "return { state: 'unknown', why: 'It could not look.' }",
    replace: "return { state: 'none' }",
    test: HEALTH,
  },
  {
    id: 'health-log-not-hashed',
    proves: 'T-162',
    file: `${GATEWAY}/metrics/health/checks/log.ts`,
    find: 'if (chainHash(stream, seq, prev, body) !== hash)',
    replace: 'if (hash === "")',
    test: CHECKS,
  },
  {
    id: 'health-heads-not-verified',
    proves: 'T-164',
    file: `${GATEWAY}/metrics/health/checks/log.ts`,
    find: 'if (!checked.every(({ ok }) => ok))',
    replace: 'if (checked.length > 1_000_000)',
    test: CHECKS,
  },
  {
    id: 'health-tired-people-unseen',
    proves: 'T-159',
    file: `${GATEWAY}/metrics/health/checks/people.ts`,
    find: 'rate > TOO_OFTEN && median < TOO_FAST',
    replace: 'rate > 2',
    test: CHECKS,
  },
]
