#!/usr/bin/env node
import { existsSync } from 'node:fs'

// SIGUSR1 would open Node's inspector to everyone on this machine (T-016).
process.on('SIGUSR1', () => {})
const program = new URL('../bundle/cli/start.js', import.meta.url)
if (existsSync(program)) {
  const { start } = await import(program.href)
  await start(process)
} else {
  process.stderr.write('sallyport: the program is not built. Run `npm run build`.\n')
  process.exitCode = 3
}
