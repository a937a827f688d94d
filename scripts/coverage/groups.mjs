// Groups of tests that each prove one kind of defence (SEC-7.3), and the controls whose removal must make each red.
const GATEWAY = 'packages/gateway/src'
const CORE = 'packages/core/src'

export const GROUPS = {
  'tool-policy': {
    tests: [
      `${GATEWAY}/boundary/crossing.test.ts`,
      `${GATEWAY}/boundary/release.test.ts`,
      'test/policy/decide.test.ts',
      'test/policy/prepare.test.ts',
      'test/requirements/tool-groups.test.ts',
    ],
    mutants: [
      'policy-denial-ignored',
      'ask-taken-for-allow',
      'policy-not-asked-again-at-release',
      'policy-error-ignored',
      'failing-forbid-skipped',
      'forbid-does-not-win',
      'no-permit-allows',
      'unknown-action-allowed',
      'unpinned-tools-run',
      'red-policy-tests-load',
    ],
  },
  'external-content': {
    tests: [
      `${CORE}/detect/untrusted/markers.test.ts`,
      `${CORE}/detect/injection/detector.test.ts`,
      `${GATEWAY}/control/content/inspector.test.ts`,
      'test/content/gateway.test.ts',
      'test/flow/gateway.test.ts',
    ],
    mutants: [
      'tags-shown-to-agents',
      'decoded-text-not-judged',
      'undecoded-rest-taken-for-clean',
      'flow-sink-not-asked',
      'flow-words-of-a-host-count',
      'flow-label-of-a-restored-instance-forgotten',
    ],
  },
  'policy-violation-alert': {
    tests: [
      `${GATEWAY}/boundary/violations.test.ts`,
      'test/alerts/gateway.test.ts',
      'test/alerts/service.test.ts',
      'test/hosts/gateway.test.ts',
    ],
    mutants: [
      'denials-without-alerts',
      'denial-does-not-wait-for-its-alert',
      'burst-of-refusals-not-told',
      'refused-token-not-told',
      'alert-without-what-was-found',
    ],
  },
  'sandbox-escape': {
    tests: [
      'test/sandbox/escapes.test.ts',
      'test/sandbox/probes.test.ts',
      'test/sandbox/exec.test.ts',
      'test/sandbox/landing.test.ts',
    ],
    mutants: [
      'sandbox-not-looked-at',
      'sandbox-capabilities-not-looked-at',
      'sandbox-environment-kept',
      'sandbox-descriptors-kept',
      'sandbox-start-up-files-writable',
      'sandbox-places-not-compared',
      'sandbox-commondir-kept',
      'copy-links-followed-on-landing',
    ],
  },
}
