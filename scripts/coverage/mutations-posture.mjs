// Controls of the audit of the posture; see mutations.mjs.
const CORE = 'packages/core/src/posture'
const POSTURE = 'packages/gateway/src/assurance/posture'
const CLI = 'packages/gateway/src/cli/security'

export const POSTURE_MUTATIONS = [
  {
    id: 'changed-files-not-looked-at',
    proves: 'TM-PERSIST-003',
    file: 'packages/gateway/src/auditing.ts',
    find: '      await integrity.look()\n',
    replace: '',
    test: 'test/posture/integrity.test.ts',
  },
  {
    id: 'changed-files-forgotten-with-their-list',
    proves: 'TM-PERSIST-003',
    file: `${POSTURE}/integrity.ts`,
    find: "if (stood !== 'absent') paths.add(path)",
    replace: 'void [path, stood]',
    test: 'test/posture/integrity.test.ts',
  },
  {
    id: 'critical-finding-accepted',
    proves: 'E-72',
    file: `${CORE}/baseline.ts`,
    find: "  if (same.some((finding) => finding.severity === 'critical')) return 'critical'\n",
    replace: '',
    test: `${CORE}/baseline.test.ts`,
  },
  {
    id: 'expired-override-holds',
    proves: 'E-72',
    file: `${CORE}/baseline.ts`,
    find: "  if (expires < today.slice(0, 10)) return 'expired'\n",
    replace: '  void [expires, today]\n',
    test: `${CORE}/baseline.test.ts`,
  },
  {
    id: 'unseen-is-clean',
    proves: 'FV-1',
    file: `${POSTURE}/check.ts`,
    find: "    if (part.state !== 'known') return part\n",
    replace: "    if (part.state !== 'known') return { state: 'fine', proof: '' }\n",
    test: 'test/posture/checks.test.ts',
  },
  {
    id: 'incomplete-audit-passes',
    proves: 'ND-7.1.a',
    file: `${CLI}/audit.ts`,
    find: '  if (exit === 2 || report.complete) return exit\n',
    replace: '  if (report !== undefined) return exit\n',
    test: `${CLI}/audit.test.ts`,
  },
  {
    id: 'rogue-route-unnoticed',
    proves: 'AC-2.1.5',
    file: `${CLI}/deep/crawl.ts`,
    find: 'ok: REFUSALS.has(status)',
    replace: 'ok: status > 0',
    test: 'test/posture/deep.test.ts',
  },
  {
    id: 'sandbox-alone-is-enough',
    proves: 'HB-142',
    file: `${POSTURE}/checks/isolation.ts`,
    find: "const isOnly = config.sandbox.mode !== 'off' &&",
    replace: "const isOnly = config.sandbox.mode === 'off' &&",
    test: 'test/posture/bad-machines.test.ts',
  },
  {
    id: 'new-finding-not-told',
    proves: 'HB-134 INV-11',
    file: `${POSTURE}/monitor.ts`,
    find: '    for (const finding of news) alert(finding)\n',
    replace: '    void [news, alert]\n',
    test: 'test/posture/monitor.test.ts',
  },
]
