// The generated pages of docs/reference: path → Markdown.
import { cliPage } from './cli.mjs'
import { configPage } from './config.mjs'
import { errorsPage } from './errors.mjs'
import { sandboxPage } from './sandbox.mjs'

export const pages = async () => ({
  'docs/reference/cli.md': cliPage(),
  'docs/reference/config.md': await configPage(),
  'docs/reference/errors.md': errorsPage(),
  'docs/reference/sandbox.md': sandboxPage(),
})
