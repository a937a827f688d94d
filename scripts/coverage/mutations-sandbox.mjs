// Controls of the sandbox; see mutations.mjs.
const SANDBOX = 'packages/gateway/src/execution/sandbox'
const SECCOMP = 'packages/core/src/sandbox/seccomp'
const EXEC = 'test/sandbox/exec.test.ts'
const PROBES = 'test/sandbox/probes.test.ts'

export const SANDBOX_MUTATIONS = [
  {
    id: 'sandbox-not-looked-at',
    proves: 'AC-6.3.1',
    file: `${SANDBOX}/bubblewrap.ts`,
    find: '  if (faults.length > 0) throw',
    replace: '  if (faults.length > 99) throw',
    test: EXEC,
  },
  {
    id: 'sandbox-capabilities-not-looked-at',
    proves: 'ND-6.3.a',
    file: `${SANDBOX}/verify.ts`,
    find: 'faults.push(`${set} is not empty`)',
    replace: 'void set',
    test: EXEC,
  },
  {
    id: 'sandbox-namespaces-not-looked-at',
    proves: 'AC-6.3.2',
    file: `${SANDBOX}/verify.ts`,
    find: "faults.push(`it shares the host's ${name} namespace`)",
    replace: 'void name',
    test: EXEC,
  },
  {
    id: 'sandbox-environment-kept',
    proves: 'T-138',
    file: `${SANDBOX}/launch.ts`,
    find: 'env: { PATH: SYSTEM_PATH }',
    replace: 'env: process.env',
    test: EXEC,
  },
  {
    id: 'sandbox-descriptors-kept',
    proves: 'T-138',
    file: `${SANDBOX}/launch.ts`,
    find: '  return strayDescriptors().length === 0 ? limited : closingCommand(architecture, LAST_FD, limited)',
    replace: '  void [strayDescriptors, closingCommand, architecture]\n  return limited',
    test: EXEC,
  },
  {
    id: 'sandbox-start-up-files-writable',
    proves: 'T-041',
    file: `${SANDBOX}/view.ts`,
    find: '    if (writable) shown.push(...guarded(workspace))',
    replace: '    void guarded',
    test: PROBES,
  },
  {
    id: 'sandbox-links-bound',
    proves: 'T-140',
    file: `${SANDBOX}/view.ts`,
    find: "realOf(path) !== path || (kind !== 'file' && kind !== 'directory')",
    replace: 'kind === undefined',
    test: EXEC,
  },
  {
    id: 'sandbox-workspace-may-be-a-link',
    proves: 'T-142',
    file: `${SANDBOX}/workspace.ts`,
    find: "    if (found.isSymbolicLink()) fail('is a symbolic link; give the directory it points to')\n    if (!found.isDirectory())",
    replace: '    if (!found.isDirectory() && !found.isSymbolicLink())',
    test: EXEC,
  },
  {
    id: 'seccomp-other-architecture-allowed',
    proves: 'T-138',
    file: `${SECCOMP}/compile.ts`,
    find: "    { op: 'return', value: RETURNS.kill },",
    replace: "    { op: 'return', value: RETURNS.allow },",
    test: `${SECCOMP}/compile.test.ts`,
  },
  {
    id: 'seccomp-upper-half-not-compared',
    proves: 'T-138',
    file: `${SECCOMP}/compile.ts`,
    find: "        { op: 'jump', if: 'eq', value: half(valueTwo, 32n), met: next, unmet: otherwise },",
    replace: "        { op: 'jump', if: 'eq', value: half(valueTwo, 32n), met: next, unmet: next },",
    test: `${SECCOMP}/compile.test.ts`,
  },
  {
    id: 'command-template-through-a-shell',
    proves: 'AC-3.3.1',
    file: 'packages/gateway/src/execution/commands/command-transport.ts',
    find: '    return bound\n',
    replace: "    return [...SHELL, bound.join(' ')]\n",
    test: 'test/sandbox/commands.test.ts',
  },
  {
    id: 'command-template-not-judged',
    proves: 'AC-3.3.3',
    file: 'packages/gateway/src/control/catalogue/registry.ts',
    find: '      if (template !== undefined) return [this.#commands.bind(template, value)]\n',
    replace: '      if (template !== undefined) return []\n',
    test: 'test/sandbox/commands.test.ts',
  },
]
