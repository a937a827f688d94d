import { spawnSync } from 'node:child_process'
import { execPath } from 'node:process'

const PROGRAM = ['--conditions=source', '--import', 'tsx', 'scripts/security/start.mjs']

/** Runs `sallyport WORDS` of this checkout in its root, and returns its exit code; 3 where it ended in another way. */
export const sallyport = (...words) => spawnSync(execPath, [...PROGRAM, ...words], { stdio: 'inherit' }).status ?? 3
