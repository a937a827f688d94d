import { ALL_VERSIONS, METHODS, type MethodRule } from '@sallyport/core'

const TITLES: Readonly<Record<string, string>> = {
  'client request': 'Requests of the client',
  'client notification': 'Notifications of the client',
  'server request': 'Requests of a server',
  'server notification': 'Notifications of a server',
}

/** docs/reference/mcp.md, from the method table. */
export function methodReference(): string {
  const groups = Object.entries(TITLES).map(([key, title]) => {
    const rows = METHODS.filter(({ from, kind }) => `${from} ${kind}` === key).map(row)
    return `## ${title}\n\n| method | revisions | what the gateway does | |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`
  })
  return `${INTRO}\n${groups.join('\n')}\n${OUTRO}`
}

function row({ method, versions, disposition, code, note }: MethodRule): string {
  const what = code === undefined ? `**${disposition}**` : `**${disposition}** (\`${code}\`)`
  return `| \`${method}\` | ${revisions(versions)} | ${what} | ${note} |`
}

function revisions(versions: readonly string[]): string {
  if (versions.length === ALL_VERSIONS.length) return 'all'
  const first = ALL_VERSIONS.findIndex((version) => versions.includes(version))
  const last = ALL_VERSIONS.findLastIndex((version) => versions.includes(version))
  const range = ALL_VERSIONS.slice(first, last + 1)
  if (range.length !== versions.length) return versions.join(', ')
  return first === last ? String(versions[0]) : `${ALL_VERSIONS[first]} – ${ALL_VERSIONS[last]}`
}

const INTRO = `# MCP: what happens to every message

<!-- Written from packages/core/src/mcp/methods.ts; \`npx vitest run test/mcp/table.test.ts -u\` writes it again. -->

The gateway speaks both eras of the Model Context Protocol: 2024-11-05 to 2025-11-25 (with a handshake; 2024-10-07 is taken
as 2024-11-05) and 2026-07-28 (stateless). Clients reach it at \`/mcp\` (all configured servers, names \`<server>__<name>\`),
at \`/mcp/<server>\` (one server, its own names) and through \`sallyport mcp wrap\` (stdio). Servers are reached over stdio,
streamable HTTP and HTTP with SSE.

- **decided**: crosses the boundary like a tool call; policy knows it as the tool itself or as \`mcp:<method>\` of its server.
- **answered**: the gateway answers or consumes it. The other side never sees it.
- **forwarded**: passed on after inspection, under a rate limit, with ids and tokens mapped.
- **refused**: answered with the code; the other side never sees it.

A method that is in no row is refused with \`SP_MCP_METHOD_REFUSED\` (JSON-RPC −32601).
`

const OUTRO = `## What is refused before it is a call

| message | answer |
| --- | --- |
| not JSON, not UTF-8, duplicate key, unsafe number, \`__proto__\`, too deep, too large | JSON-RPC error −32700 or −32600 with the \`SP_JSON_*\` code, and the id where one can be read |
| a batch | −32600 for every request in it, by its id |
| \`id\` that is null, a fraction, an object, too long, or in use | −32600 |
| a key that looks like a protocol member (\`Method\`, \`name\\u0000\`, \`ｎame\`) | −32600 |
| 2026-07-28: a header that does not repeat the body | HTTP 400, −32020 |
| 2026-07-28: another protocol version in \`_meta\` | HTTP 400, −32022 with \`data.supported\` |
| unknown \`Host\` or \`Origin\` | HTTP 403 |
| unknown \`Mcp-Session-Id\`, or one of another principal, instance or endpoint | HTTP 404 |

## What a decision looks like

A denied \`tools/call\` is a result with \`isError: true\`, one text (reason, next step, code, event id) and
\`_meta["dev.sallyport/decision"]\` with \`outcome\` (\`denied\` or \`pending\`), \`code\`, \`eventId\` and for a pending one
\`approvalId\` and \`expiresAt\`. Every other denied request, and a tool that does not exist, is a JSON-RPC error with the code
in \`data.code\`.

A call that waits for a human is held (50 s unless \`approvals.wait\` says otherwise), with progress notifications when the
request had a progress token; then the pending result comes, and the same call sent again goes on where it was. A client with
the elicitation capability is asked too (\`elicitation/create\`, or an \`input_required\` result). What it answers is
*client-asserted*: it counts for calls of low severity that are neither external nor irreversible, and for nothing else.

## What does not travel

- \`_meta\` keys: \`progressToken\` and the 2026 envelope are each hop's own; \`dev.sallyport/*\` is stripped in both
  directions; other keys pass only when \`servers.<alias>.metaKeys\` names them.
- Unknown members of the JSON-RPC envelope: accepted, not passed on. Unknown members of \`params\`, \`result\` and tool
  arguments pass byte for byte.
- The client's identity and capabilities: a server sees the gateway's name, and of the capabilities only sampling, elicitation
  (form mode) and roots, and only those that \`servers.<alias>.serverRequests\` permits.
`
