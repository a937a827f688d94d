// One control for each invariant that no other list takes one out for; see mutations.mjs.
const GATEWAY = 'packages/gateway/src'

export const INVARIANT_MUTATIONS = [
  {
    id: 'nobody-is-served-too',
    proves: 'ND-7.3.a INV-6 AC-2.1.2',
    file: `${GATEWAY}/ingress/api/guard-request.ts`,
    find: '  if (!found.ok) return failed(identity, found, channel, from)',
    replace: '  if (!found.ok) return limited({ ok: true }, LOCAL_OPERATOR)',
    test: 'test/api/matrix.test.ts',
  },
  {
    id: 'commands-see-beside-their-workspace',
    proves: 'ND-7.3.a E-60 INV-4 INV-10',
    file: `${GATEWAY}/execution/commands/command-tools.ts`,
    find: 'deps.confine({ alias, command, cwd, copy, env }, profile)',
    replace: 'deps.confine({ alias, command, cwd, copy, env }, { ...profile, readable: [`${cwd}/..`] })',
    test: 'test/sandbox/elevated.test.ts',
  },
  {
    id: 'gate-of-content-not-heard',
    proves: 'INV-1',
    file: `${GATEWAY}/boundary/crossing.ts`,
    find: '  const gated = ports.content.inspect(tool, args, {\n    bytes,\n    argsText: call.argsText,\n    caller,\n    enforcement: call.enforcement,\n  })',
    replace: '  const gated = { ok: true as const, report: undefined, argsText: call.argsText }',
    test: 'test/requirements/gates.test.ts',
  },
  {
    id: 'outside-text-without-markers',
    proves: 'INV-7 AC-3.4.2',
    file: `${GATEWAY}/control/content/inspector.ts`,
    find: "      const wrapAll = mode === 'strict' || (mode === 'standard' && isExternal(tool))",
    replace: "      const wrapAll = mode === 'strict'",
    test: 'test/content/gateway.test.ts',
  },
  {
    id: 'credentials-for-a-day',
    proves: 'INV-8 HB-56',
    file: 'packages/core/src/identity/credential.ts',
    find: '  if (!(life > 0 && life <= CREDENTIAL_SECONDS)) return undefined',
    replace: '  if (!(life > 0 && life <= 86_400)) return undefined',
    test: 'test/api/identity.test.ts',
  },
]
