interface Bench {
  readonly run: (args: readonly string[]) => Promise<number>
  /** Words that may follow its name. */
  readonly parts?: readonly string[]
}

/** `npm run bench [-- NAME… [PART…]] [--json]`: runs the named measurements, or all. */
const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  command: () => import('./command.ts'),
  'console-log': () => import('./console-log.ts'),
  crash: () => import('./crash.ts'),
  crossing: () => import('./crossing.ts'),
  documents: () => import('./documents.ts'),
  detection: () => import('./detection.ts'),
  egress: () => import('./egress.ts'),
  flow: () => import('./flow.ts'),
  hook: () => import('./hook.ts'),
  injection: () => import('./injection.ts'),
  log: () => import('./log.ts'),
  mcp: () => import('./mcp.ts'),
  places: () => import('./places.ts'),
  policy: () => import('./policy.ts'),
  sandbox: () => import('./sandbox.ts'),
  scan: () => import('./scan.ts'),
  secrets: () => import('./secrets.ts'),
  start: () => import('./start.ts'),
  surfaces: () => import('./surfaces.ts'),
  token: () => import('./token.ts'),
  vault: () => import('./vault.ts'),
}

const args = process.argv.slice(2)
const names = args.filter((arg) => Object.hasOwn(BENCHES, arg))
const parts = names.length === 1 ? ((await BENCHES[names[0] ?? '']?.())?.parts ?? []) : []
const unknown = args.filter((arg) => !arg.startsWith('--') && !Object.hasOwn(BENCHES, arg) && !parts.includes(arg))
if (unknown.length > 0) {
  process.stderr.write(`No such measurement: ${unknown.join(', ')}. There are ${Object.keys(BENCHES).join(', ')}.\n`)
  process.exitCode = 2
} else {
  for (const name of names.length === 0 ? Object.keys(BENCHES) : names) {
    const { run } = (await BENCHES[name]?.()) ?? { run: async () => 0 }
    process.exitCode = Math.max(Number(process.exitCode ?? 0), await run(args.filter((arg) => arg !== name)))
  }
}
