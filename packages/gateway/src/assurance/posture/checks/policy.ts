import type { LintFinding, PolicyPosture } from '@sallyport/core'
import { check, foundOr, type Found, type PostureCheck } from '../check.ts'
import { counted, listed } from '../words.ts'

const LINT: readonly (readonly [
  id: string,
  rule: LintFinding['rule'],
  severity: Found['severity'],
  title: string,
  why: string,
  remediation: string,
])[] = [
  [
    ...(['policy.unreachable', 'unreachable', 'low', 'Every rule can decide something.'] as const),
    'Somebody believes in a rule that never applies.',
    'Remove the rule, or the denial before it.',
  ],
  [
    ...(['policy.shadowed', 'duplicate', 'low', 'No rule says what another says already.'] as const),
    'Whoever changes the one rule finds that nothing changes.',
    'Keep one of the two.',
  ],
  [
    ...(['policy.too_broad', 'too-broad', 'high', 'No rule permits everything to everybody.'] as const),
    'What is not forbidden is allowed, whatever a server offers next.',
    'Name who may do what: an agent, a tool or a group.',
  ],
  [
    ...(['policy.untested', 'untested', 'low', 'Each rule decides a test.'] as const),
    'A typing error in a rule is noticed when it matters.',
    'Write a test that this rule decides, beside its file (`sallyport policy test --coverage`).',
  ],
]

const lintCheck = ([id, rule, severity, title, why, remediation]: (typeof LINT)[number]): PostureCheck =>
  check({
    ...{
      id,
      category: 'policy',
      severities: [severity],
      requirements: ['SEC-5.3', 'ND-7.1.b'],
      title,
      why,
      remediation,
    },
    needs: ['policy'],
    run: ({ policy: { lint, policies } }) =>
      foundOr(
        lint
          .filter((one) => one.rule === rule && !one.file.startsWith('preset:'))
          .map(({ id: rule_, file, line, message }): Found => ({
            ...{ severity, subject: rule_, detail: message, file, line },
          })),
        counted(policies, 'rule'),
      ),
  })

/** Nothing but what `preset:minimal` allows. */
const isMinimal = ({ sources }: PolicyPosture): boolean => sources.every((source) => source === 'preset:minimal')

export const POLICY_CHECKS = [
  check({
    ...{ id: 'policy.invalid', category: 'policy', severities: ['high'], requirements: ['AC-5.5.1'] },
    title: 'The policies of the configuration load.',
    why: 'An older policy stays in force, or none does; what stands in the files is not what holds.',
    remediation: 'sallyport policy check',
    needs: ['policy'],
    run: ({ policy: { problem, policies } }) =>
      foundOr(
        problem === undefined ? [] : [{ severity: 'high', subject: 'policies', detail: problem }],
        `${counted(policies, 'rule')} load`,
      ),
  }),
  check({
    ...{ id: 'policy.failing_tests', category: 'policy', severities: ['high'], requirements: ['ND-5.5.a'] },
    title: 'The tests beside the policies are green.',
    why: 'The policy does not do what somebody wrote down that it does.',
    remediation: 'sallyport policy test',
    needs: ['policy'],
    run: ({ policy: { failing } }) =>
      foundOr(
        failing.map(({ file, line, test }): Found => ({
          ...{ severity: 'high', subject: test, detail: 'This test fails.', file, line },
        })),
        'All tests are green',
      ),
  }),
  ...LINT.map(lintCheck),
  check({
    ...{ id: 'policy.waiting', category: 'policy', severities: ['info'], requirements: ['SEC-5.3'] },
    title: 'Each rule names tools that are there.',
    why: 'A rule for a tool that never comes decides nothing.',
    remediation: 'Nothing, while the server is still to come; else correct the name.',
    needs: ['policy'],
    run: ({ policy: { waiting } }) =>
      foundOr(
        waiting.map(({ id, for: names }): Found => ({
          ...{ severity: 'info', subject: id, detail: `It waits for ${listed(names)}.` },
        })),
        'No rule waits for a tool',
      ),
  }),
  check({
    ...{ id: 'policy.minimal', category: 'policy', severities: ['info'], requirements: ['E-52'] },
    title: 'A policy was chosen.',
    why: 'Only preset:minimal is in force, so every call is denied.',
    remediation: 'sallyport init',
    needs: ['policy'],
    run: ({ policy }) =>
      foundOr(
        isMinimal(policy) ? [{ severity: 'info', subject: 'preset:minimal', detail: 'Nothing is allowed yet.' }] : [],
        listed(policy.sources),
      ),
  }),
]
