/** Policies and tools that several measurements share: ten policies for each of a hundred tools, two of them permits. */
const TOOLS = 100
export const BENCH_SERVER = 'sdk-bench'

export const benchTools = Array.from({ length: TOOLS }, (_, n) => ({
  name: `t${n}`,
  inputSchema: {
    type: 'object',
    properties: { path: { type: 'string' }, size: { type: 'integer' }, text: { type: 'string' } },
    required: ['path', 'size'],
  },
  annotations: {
    'dev.sallyport/claims': {
      effect: 'read',
      args: { path: 'selector', size: 'param', text: 'content' },
      irreversible: false,
      persist: false,
    },
  },
}))

export function benchPolicies(count: number): string {
  const policies = Array.from({ length: count }, (_, n) => {
    const permit = n < 2 * TOOLS
    const condition = permit
      ? 'context.args.path like "/work/*"'
      : `context.args.size > ${1_000_000 + n} && context.labels.integrity < 2`
    const action = `action == Action::"${BENCH_SERVER}.t${n % TOOLS}"`
    return `@id("p${n}") ${permit ? 'permit' : 'forbid'} (principal, ${action}, resource) when { ${condition} };`
  })
  return `// version: 1.0\n${policies.join('\n')}\n`
}
