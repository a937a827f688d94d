import { execFileSync } from 'node:child_process'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import type { Gateway } from 'sallyport'
import type { World } from './world.ts'

const program = fileURLToPath(new URL('../packages/gateway/bin/sallyport.js', import.meta.url))

/** Verifies the log, then changes one word in a copy of it and verifies that. Returns how many of both went wrong. */
export async function proveLog(gateway: Gateway, world: World, print: (text: string) => void): Promise<number> {
  await gateway.store.checkpoint()
  print('\nThe log')
  const copy = join(world.place, 'copy')
  cpSync(world.stateDir, copy, { recursive: true, filter: (path) => !path.endsWith('.sock') })
  const honest = verify(copy)
  print(`  ${honest.code === 0 ? '✔' : '✘'} ${honest.line}`)

  const database = new Database(join(copy, 'state.db'))
  const changed = database
    .prepare(
      `UPDATE audit_event SET body = replace(body, '"policyDecision":"denied"', '"policyDecision":"allowed"') WHERE seq = (SELECT max(seq) FROM audit_event WHERE body LIKE '%"policyDecision":"denied"%')`,
    )
    .run()
  database.close()
  const tampered = verify(copy)
  const found = changed.changes === 1 && tampered.code === 1
  print(`  ${found ? '✔' : '✘'} one word changed in a copy: ${tampered.line}`)
  return (honest.code === 0 ? 0 : 1) + (found ? 0 : 1)
}

function verify(stateDir: string): { readonly code: number; readonly line: string } {
  try {
    const text = execFileSync(process.execPath, [program, 'log', 'verify', '--state', stateDir], {
      encoding: 'utf8',
      stdio: 'pipe',
    })
    return { code: 0, line: text.trim().split('\n')[0] ?? '' }
  } catch (thrown) {
    const { status, stdout, stderr } = thrown as { status: number; stdout: string; stderr: string }
    return { code: status, line: `${stdout}${stderr}`.trim().split('\n')[0] ?? '' }
  }
}
