// docs/reference/errors.md from the one error table.
import { CODES } from '../../packages/core/src/errors/codes.ts'
import { cell, code, GENERATED, table } from './markdown.mjs'

export function errorsPage() {
  const rows = Object.entries(CODES).map(([name, { title, next, http, exit, rpc, retryable }]) => [
    code(name),
    `${cell(title)} ${cell(next)}`,
    http,
    exit,
    rpc ?? '',
    retryable === true ? 'yes' : '',
  ])
  return `# Errors

${GENERATED}

Codes are API: never renamed, never used again. Over HTTP they come as problem details (RFC 9457). A denied \`tools/call\` is an MCP result with \`isError: true\`; faults of the protocol are JSON-RPC errors.

Exit codes of the command line: 0 ok · 1 findings or denied · 2 usage or configuration · 3 could not do its job · 4 authentication · 5 approval denied, expired or timed out · 130 interrupted.

${table(['code', 'meaning, and what to do next', 'HTTP', 'exit', 'JSON-RPC', 'retry'], rows)}
`
}
