import { SallyportError } from '@sallyport/core'
import { SANDBOX_BACKENDS, type SandboxBackend } from '../../execution/sandbox/sandbox.ts'
import type { CliOptions } from '../command.ts'

/** @throws SallyportError SP_CLI_USAGE for a name that is none */
export function backendOf({ backend = 'bubblewrap' }: CliOptions): SandboxBackend {
  const found = SANDBOX_BACKENDS.find((name) => name === backend)
  if (found === undefined)
    throw new SallyportError('SP_CLI_USAGE', `--backend is one of ${SANDBOX_BACKENDS.join(', ')}.`)
  return found
}
