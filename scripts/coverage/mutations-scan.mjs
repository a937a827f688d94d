// Controls of the scan of skills, plugins and MCP servers; see mutations.mjs.
const SCAN = 'packages/gateway/src/assurance/scan'

export const SCAN_MUTATIONS = [
  {
    id: 'file-that-kills-its-thread-is-clean',
    proves: 'T-145',
    file: `${SCAN}/threads/file-scanner.ts`,
    find: "(message) => unreadProgram(file, 'SP_SCAN_UNREADABLE', message)",
    replace: '() => ({ found: undefined, unreadable: undefined, suppressed: 0 })',
    test: `${SCAN}/threads/file-scanner.test.ts`,
  },
  {
    id: 'high-finding-not-held',
    proves: 'HB-34',
    file: `${SCAN}/finding.ts`,
    find: "return worst >= severityRank('high') ? 'ask' : 'allow'",
    replace: "return 'allow'",
    test: 'test/scan/cases.test.ts',
  },
  {
    id: 'denied-acts-count',
    proves: 'HB-34',
    file: `${SCAN}/prose/read.ts`,
    find: 'if (act === true && isDenied(sentence.text, start, end)) continue',
    replace: '',
    test: `${SCAN}/prose/rules.test.ts`,
  },
  {
    id: 'ratio-of-archives-not-bounded',
    proves: 'T-145',
    file: `${SCAN}/files/file.ts`,
    find: '  ratio: 200,\n',
    replace: '  ratio: Infinity,\n',
    test: `${SCAN}/files/read-subject.test.ts`,
  },
  {
    id: 'drift-not-noticed',
    proves: 'HB-35',
    file: `${SCAN}/mcp/drift.ts`,
    find: 'else if (canonicalJson(was.raw as Json) !== canonicalJson(tool.raw as Json)) {',
    replace: 'else if (was.name !== tool.name) {',
    test: 'test/scan/cases.test.ts',
  },
]
