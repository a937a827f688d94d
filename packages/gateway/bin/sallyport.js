#!/usr/bin/env node
// SIGUSR1 would open Node's inspector to everyone on this machine (T-016).
process.on('SIGUSR1', () => {})
const { start } = await import('../dist/cli/start.js')
await start(process)
