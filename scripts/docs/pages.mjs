// The generated files of docs: path → text.
import { cliPage } from './cli.mjs'
import { configPage } from './config.mjs'
import { errorsPage } from './errors.mjs'
import { openapi } from './openapi.mjs'
import { posturePage } from './posture.mjs'
import { sandboxPage } from './sandbox.mjs'
import { secureDefaultsPage } from './secure-defaults.mjs'
import { threatsPage } from './threats.mjs'
import { selfApprovalPage } from './self-approval.mjs'

export const pages = async () => ({
  'docs/reference/cli.md': cliPage(),
  'docs/reference/config.md': await configPage(),
  'docs/reference/errors.md': errorsPage(),
  'docs/reference/openapi.json': openapi(),
  'docs/reference/posture.md': posturePage(),
  'docs/reference/sandbox.md': sandboxPage(),
  'docs/reference/secure-defaults.md': secureDefaultsPage(),
  'docs/reference/self-approval.md': selfApprovalPage(),
  'docs/threats.md': threatsPage(),
})
