/**
 * Every error the product can report. Codes are API: never reused, never renamed (SP_<AREA>_<CONDITION>).
 * `next` tells the reader what to do; it goes into the message of every surface.
 * `http` is the RFC 9457 status, `exit` the CLI exit code (0 ok · 1 findings or denied · 2 usage or configuration ·
 * 3 could not do its job · 4 authentication · 5 approval denied, expired or timed out), `rpc` the JSON-RPC code.
 */
export interface CodeEntry {
  readonly title: string
  readonly next: string
  readonly http: number
  readonly exit: 1 | 2 | 3 | 4 | 5
  readonly rpc?: number
  readonly retryable?: true
}

const entry = <T extends Record<string, CodeEntry>>(table: T): { readonly [K in keyof T]: CodeEntry } =>
  Object.freeze(Object.assign(Object.create(null) as object, table)) as { readonly [K in keyof T]: CodeEntry }

export const CODES = entry({
  // JSON and protocol input
  SP_JSON_INVALID: {
    title: 'The message is not valid JSON.',
    next: 'Send one well-formed JSON value in UTF-8.',
    http: 400,
    exit: 2,
    rpc: -32700,
  },
  SP_JSON_DUPLICATE_KEY: {
    title: 'An object has the same key twice.',
    next: 'Send each key once; two readers could disagree on which one counts.',
    http: 400,
    exit: 2,
    rpc: -32700,
  },
  SP_JSON_UNSAFE_NUMBER: {
    title: 'A number cannot be represented exactly.',
    next: 'Send integers within ±(2^53−1) and finite numbers, or send the value as a string.',
    http: 400,
    exit: 2,
    rpc: -32700,
  },
  SP_JSON_TOO_DEEP: {
    title: 'The message is nested too deeply.',
    next: 'Flatten the value.',
    http: 400,
    exit: 2,
    rpc: -32600,
  },
  SP_JSON_TOO_LARGE: {
    title: 'The message is too large.',
    next: 'Send less, or raise gateway.limits.messageBytes.',
    http: 413,
    exit: 2,
    rpc: -32600,
  },
  SP_JSON_FORBIDDEN_KEY: {
    title: 'A key is not allowed in untrusted input.',
    next: 'Rename the key: __proto__ is refused.',
    http: 400,
    exit: 2,
    rpc: -32600,
  },
  SP_JSON_LONE_SURROGATE: {
    title: 'A string is not valid Unicode.',
    next: 'Send paired surrogates only.',
    http: 400,
    exit: 2,
    rpc: -32700,
  },
  SP_MCP_INVALID_REQUEST: {
    title: 'The JSON-RPC message is not valid.',
    next: 'Send one request object with jsonrpc "2.0", a string or integer id and a method.',
    http: 400,
    exit: 2,
    rpc: -32600,
  },
  SP_MCP_METHOD_REFUSED: {
    title: 'The gateway does not pass this method.',
    next: 'See docs/reference/mcp.md for what is forwarded, decided and refused.',
    http: 404,
    exit: 2,
    rpc: -32601,
  },
  SP_MCP_HEADER_MISMATCH: {
    title: 'A header does not repeat what the body says.',
    next: 'Send Mcp-Method, Mcp-Name and MCP-Protocol-Version equal to the body.',
    http: 400,
    exit: 2,
    rpc: -32020,
  },
  SP_MCP_VERSION_UNSUPPORTED: {
    title: 'The protocol version is not supported.',
    next: 'Use one of the versions in error.data.supported.',
    http: 400,
    exit: 2,
    rpc: -32022,
  },
  SP_MCP_UNKNOWN_SESSION: {
    title: 'The MCP session is unknown or not yours.',
    next: 'Initialise a new session.',
    http: 404,
    exit: 2,
    rpc: -32600,
  },
  SP_MCP_UNKNOWN_SERVER: {
    title: 'No such server.',
    next: 'List the servers with `sallyport mcp ls`.',
    http: 404,
    exit: 2,
    rpc: -32602,
  },
  SP_MCP_UNKNOWN_TOOL: {
    title: 'No such tool.',
    next: 'Ask for the list of tools and use a name exactly as listed.',
    http: 404,
    exit: 2,
    rpc: -32602,
  },
  SP_MCP_TOOL_UNPINNED: {
    title: 'The tool has not been reviewed.',
    next: 'An operator can review it with `sallyport mcp inspect` and `sallyport mcp pin`.',
    http: 403,
    exit: 1,
  },
  SP_MCP_TOOL_DRIFT: {
    title: 'The tool is not the one that was reviewed.',
    next: 'An operator can compare with `sallyport mcp diff` and accept it with `sallyport mcp pin`.',
    http: 403,
    exit: 1,
  },
  SP_MCP_TOOL_DISABLED: {
    title: 'The tool is switched off.',
    next: 'An operator can enable it in sallyport.yaml.',
    http: 403,
    exit: 1,
  },
  SP_MCP_SCHEMA_REFUSED: {
    title: 'The tool’s schema cannot be used, so the tool is blocked.',
    next: 'Report it to the server’s authors; other tools of the server work.',
    http: 422,
    exit: 1,
  },
  SP_MCP_INVALID_ARGUMENTS: {
    title: 'The arguments do not fit the tool’s schema.',
    next: 'Correct the arguments; the message names the place.',
    http: 422,
    exit: 2,
    rpc: -32602,
  },
  SP_MCP_UPSTREAM_FAILED: {
    title: 'The server behind the gateway failed.',
    next: 'Look at `sallyport log show` with the event id, then restart the server.',
    http: 502,
    exit: 3,
    rpc: -32603,
    retryable: true,
  },
  SP_MCP_UPSTREAM_TIMEOUT: {
    title: 'The server behind the gateway did not answer in time.',
    next: 'Raise servers.NAME.timeout, or check the server. The action may have happened.',
    http: 504,
    exit: 3,
    rpc: -32603,
  },
  SP_MCP_UPSTREAM_PROTOCOL: {
    title: 'The server behind the gateway broke the protocol.',
    next: 'Nothing it said was passed on. Report it to the server’s authors.',
    http: 502,
    exit: 3,
    rpc: -32603,
  },
  // Who is asking
  SP_AUTHN_REQUIRED: {
    title: 'Nobody is identified on this connection.',
    next: 'Send the agent’s credential; `sallyport agents add` makes one.',
    http: 401,
    exit: 4,
    rpc: -32600,
  },
  SP_AUTHN_INVALID: {
    title: 'The credential is not valid or has expired.',
    next: 'Exchange the agent key for a new credential.',
    http: 401,
    exit: 4,
    rpc: -32600,
  },
  SP_AUTHN_PRESENCE: {
    title: 'This needs a human at a terminal.',
    next: 'Run the command yourself in a terminal that no agent owns, and type your PIN.',
    http: 403,
    exit: 4,
  },
  SP_AUTHN_LOCKED: {
    title: 'Too many wrong attempts.',
    next: 'Wait as long as the message says. Denying and killing stay possible.',
    http: 429,
    exit: 4,
  },
  SP_AUTHN_UNCLAIMED: {
    title: 'This gateway has no operator yet.',
    next: 'A human runs `sallyport init --claim` in a terminal; until then everything that needs approval is denied.',
    http: 403,
    exit: 4,
  },
  SP_AUTHN_SERVER: {
    title: 'The process at the gateway’s socket is not the gateway.',
    next: 'Do not type a PIN. Stop the other process, then run `sallyport doctor`.',
    http: 502,
    exit: 4,
  },
  SP_AUTHZ_SCOPE: {
    title: 'The credential lacks the scope for this operation.',
    next: 'Use a credential with the scope that the message names.',
    http: 403,
    exit: 4,
  },
  SP_AUTHZ_KILLED: {
    title: 'The kill switch is on for this agent.',
    next: 'An operator can lift it with `sallyport kill --resume`.',
    http: 403,
    exit: 1,
  },
  SP_AUTHZ_RATE: {
    title: 'Too many calls.',
    next: 'Retry after the time that the message names.',
    http: 429,
    exit: 1,
    retryable: true,
  },
  SP_AUTHZ_SESSION_EXPIRED: {
    title: 'The session has expired.',
    next: 'Start a new session.',
    http: 401,
    exit: 4,
  },
  SP_AUTHZ_UNAVAILABLE: {
    title: 'The gateway cannot be reached, so the call is denied.',
    next: 'Start it with `sallyport up`, then retry.',
    http: 503,
    exit: 3,
    retryable: true,
  },
  SP_AUTHN_ORIGIN: {
    title: 'The request comes from a web page or names another host.',
    next: 'Talk to the gateway from a program, with its own address in the Host header.',
    http: 403,
    exit: 4,
  },
  SP_AUTHZ_UNMAPPED: {
    title: 'There is no such operation.',
    next: 'See docs/reference/api.md; what is not listed there is denied.',
    http: 403,
    exit: 4,
  },
  SP_AUTHZ_GRANT: {
    title: 'This right cannot be given to this kind of principal.',
    next: 'Name the scopes it needs; approve and policy are for humans, and there is no scope for everything.',
    http: 422,
    exit: 2,
  },
  SP_AGENT_UNKNOWN: {
    title: 'No such agent.',
    next: 'List them with `sallyport agents ls`.',
    http: 404,
    exit: 2,
  },
  SP_AGENT_EXISTS: {
    title: 'An agent of this name exists or existed.',
    next: 'Choose another name; names are never used twice, so that the log stays unambiguous.',
    http: 409,
    exit: 2,
  },
  SP_AGENT_NAME: {
    title: 'This is not a name for an agent.',
    next: 'Use 1 to 28 characters of a-z and 0-9, with single "-" between them.',
    http: 422,
    exit: 2,
  },
  SP_AGENT_SESSION: {
    title: 'No such session.',
    next: 'List them with `sallyport session ls`.',
    http: 404,
    exit: 2,
  },
  // HTTP API and SDK
  SP_API_INVALID: {
    title: 'The request does not have the form this operation takes.',
    next: 'Correct the member that the message names; see docs/reference/api.md.',
    http: 422,
    exit: 2,
  },
  SP_API_MEDIA_TYPE: {
    title: 'The body is not plain JSON.',
    next: 'Send UTF-8 JSON with content-type application/json and no content-encoding.',
    http: 415,
    exit: 2,
  },
  SP_API_HEADER: {
    title: 'The request has a header that is refused.',
    next: 'Send each header once, no method override, and no header that claims who is asking.',
    http: 400,
    exit: 2,
  },
  SP_API_CONFLICT: {
    title: 'The idempotency key belongs to another call.',
    next: 'Use a new key for a new call.',
    http: 409,
    exit: 2,
  },
  SP_API_UNKNOWN_CALL: {
    title: 'No such call of this agent.',
    next: 'Make the call again with the same idempotency key; it does not run twice.',
    http: 404,
    exit: 2,
  },
  SP_SDK_ARGUMENTS: {
    title: 'The arguments are not plain JSON data, so the call is denied.',
    next: 'Pass objects, arrays, strings, numbers, booleans and null only.',
    http: 422,
    exit: 2,
  },
  SP_SDK_ABORTED: {
    title: 'The call was aborted before it was allowed, so it did not run.',
    next: 'Call again when it is wanted.',
    http: 409,
    exit: 1,
  },
  SP_SDK_UNSAFE: {
    title: 'The tool cannot be guarded this way.',
    next: 'Correct what the message names; nothing was wrapped.',
    http: 422,
    exit: 2,
  },
  // Policy
  SP_POLICY_DENIED: {
    title: 'Policy denies this call.',
    next: 'Do not retry. An operator can look at `sallyport policy explain` with the event id.',
    http: 403,
    exit: 1,
  },
  SP_POLICY_ERROR: {
    title: 'Policy could not be evaluated, so the call is denied.',
    next: 'An operator should run `sallyport policy check`.',
    http: 403,
    exit: 1,
  },
  SP_POLICY_INVALID: {
    title: 'The policy is not valid.',
    next: 'Correct the place that the message names; the policy in force has not changed.',
    http: 422,
    exit: 2,
  },
  SP_POLICY_TEST_FAILED: {
    title: 'A policy test is red, so the policy was not loaded.',
    next: 'Run `sallyport policy test`; the policy in force has not changed.',
    http: 422,
    exit: 1,
  },
  SP_POLICY_VERSION: {
    title: 'The policy changed but its version did not grow.',
    next: 'Increase `version`; the policy in force has not changed.',
    http: 409,
    exit: 2,
  },
  SP_POLICY_STAGED: {
    title: 'The policy change widens what is allowed and waits for an operator.',
    next: 'Look at `sallyport policy diff` and accept it with `sallyport policy accept`.',
    http: 202,
    exit: 1,
  },
  SP_POLICY_DISAGREE: {
    title: 'The two policy engines disagree, so the policy was not loaded.',
    next: 'Report this with the policy; the policy in force has not changed.',
    http: 500,
    exit: 3,
  },
  SP_POLICY_UNKNOWN: {
    title: 'The history has no such policy change.',
    next: 'List them with `sallyport policy history`.',
    http: 404,
    exit: 2,
  },
  // Content and size (gate 4)
  SP_CONTENT_TOO_LARGE: {
    title: 'An argument is larger than this gateway passes.',
    next: 'Send less, or raise gateway.limits.',
    http: 413,
    exit: 1,
  },
  SP_CONTENT_TRUST: {
    title: 'Text from outside reached a place where only trusted text may be.',
    next: 'This is a defect of the program: wrap the text where it enters, or promote it with a reason.',
    http: 500,
    exit: 3,
  },
  SP_CONTENT_INJECTION: {
    title: 'The arguments hold text that tries to steer an assistant.',
    next: 'Leave the text out, or ask the operator to configure a trusted context.',
    http: 422,
    exit: 1,
  },
  SP_CONTENT_REFUSED: {
    title: 'The content of an argument is refused.',
    next: 'Remove what the message names.',
    http: 403,
    exit: 1,
  },
  // Approvals
  SP_APPROVAL_REQUIRED: {
    title: 'A human has to agree to this call.',
    next: 'Wait, or retry the same call later; a human decides with `sallyport approvals`.',
    http: 202,
    exit: 5,
  },
  SP_APPROVAL_DENIED: {
    title: 'A human denied this call.',
    next: 'Do not retry. Ask the user what to do instead.',
    http: 403,
    exit: 5,
  },
  SP_APPROVAL_EXPIRED: {
    title: 'Nobody decided in time, so the call is denied.',
    next: 'Ask again when somebody is there to decide.',
    http: 403,
    exit: 5,
  },
  SP_APPROVAL_SUPERSEDED: {
    title: 'Something changed after the human looked, so the approval is void.',
    next: 'A new request has been made; a human decides again.',
    http: 409,
    exit: 5,
  },
  SP_APPROVAL_STATE: {
    title: 'The approval is not in a state that allows this.',
    next: 'Look at it with `sallyport approvals show`.',
    http: 409,
    exit: 5,
  },
  SP_APPROVAL_FLOOD: {
    title: 'Too many requests of this agent are waiting, so this one is denied.',
    next: 'Wait until the waiting ones are decided.',
    http: 429,
    exit: 5,
  },
  SP_APPROVAL_EVIDENCE: {
    title: 'The proof of the human’s decision does not fit this call.',
    next: 'Nothing was run. Ask again; an operator should look at the alert.',
    http: 403,
    exit: 5,
  },
  SP_APPROVAL_SELF: {
    title: 'Whoever asks cannot approve.',
    next: 'Another operator has to decide.',
    http: 403,
    exit: 4,
  },
  SP_APPROVAL_UNKNOWN: {
    title: 'No such approval request.',
    next: 'List them with `sallyport approvals ls`.',
    http: 404,
    exit: 2,
  },
  // Capability tokens
  SP_CAP_INVALID: {
    title: 'The capability token is not valid.',
    next: 'Nothing was run. Make the call again.',
    http: 403,
    exit: 1,
  },
  SP_CAP_EXPIRED: {
    title: 'The capability token has expired.',
    next: 'Nothing was run. Make the call again.',
    http: 403,
    exit: 1,
  },
  SP_CAP_REPLAYED: {
    title: 'The capability token has been used.',
    next: 'Nothing was run twice. Make the call again.',
    http: 409,
    exit: 1,
  },
  SP_CAP_MISMATCH: {
    title: 'The capability token is for another call.',
    next: 'Nothing was run. Make the call again.',
    http: 403,
    exit: 1,
  },
  // Evidence and store
  SP_AUDIT_WRITE_FAILED: {
    title: 'The record could not be written, so the call is denied.',
    next: 'Check the disk of the state directory, then retry.',
    http: 503,
    exit: 3,
    retryable: true,
  },
  SP_AUDIT_QUEUE_FULL: {
    title: 'The log cannot keep up, so the call is denied.',
    next: 'Retry in a moment.',
    http: 503,
    exit: 3,
    retryable: true,
  },
  SP_AUDIT_CHAIN_BROKEN: {
    title: 'The log does not verify.',
    next: 'The message names the first record that is wrong. Keep the files as they are.',
    http: 500,
    exit: 1,
  },
  SP_AUDIT_FORK: {
    title: 'The log is older than a checkpoint that was already published.',
    next: 'Restore the newest copy. No new checkpoint is signed.',
    http: 500,
    exit: 3,
  },
  SP_AUDIT_CLOCK: {
    title: 'The clock is behind the log, so nothing is released.',
    next: 'Set the clock of this machine; releases go on once it has passed the newest checkpoint.',
    http: 503,
    exit: 3,
    retryable: true,
  },
  SP_AUDIT_UNKNOWN: {
    title: 'No such record.',
    next: 'Search with `sallyport log query`.',
    http: 404,
    exit: 2,
  },
  SP_STORE_UNAVAILABLE: {
    title: 'The store cannot be used.',
    next: 'Check the path or URL under `store`, its permissions and free space.',
    http: 503,
    exit: 3,
    retryable: true,
  },
  SP_STORE_BUSY: {
    title: 'Another gateway owns this store.',
    next: 'Use the running one, or stop it with `sallyport down`.',
    http: 503,
    exit: 3,
  },
  SP_STORE_TAMPERED: {
    title: 'A row of the store was not written by this gateway.',
    next: 'The row counts as absent. Look at the alert.',
    http: 500,
    exit: 3,
  },
  SP_STORE_NEWER: {
    title: 'The store was written by a newer version.',
    next: 'Run that version or a later one.',
    http: 500,
    exit: 3,
  },
  SP_HOOK_PAYLOAD: {
    title: 'The hook event is not one this version knows.',
    next: 'Run `sallyport doctor`; it says which versions of the host were tried.',
    http: 422,
    exit: 1,
  },
  SP_HOOK_UNMATCHED: {
    title: 'The host reported a tool call that Sallyport never allowed.',
    next: 'The hook may have been removed, or the event was forged. Run `sallyport doctor`.',
    http: 409,
    exit: 1,
  },
  SP_HOOK_REPLAYED: {
    title: 'The call id of this tool call was used before.',
    next: 'Start a new tool call.',
    http: 409,
    exit: 1,
  },
  SP_HOOK_UNENFORCED: {
    title: 'The hooks of this agent do not enforce, so its calls are denied.',
    next: 'An operator should run `sallyport doctor`, look at the alert, then restart the gateway and the agent.',
    http: 403,
    exit: 1,
  },
  SP_HOST_UNKNOWN: {
    title: 'No such agent host.',
    next: 'See `sallyport agents matrix`.',
    http: 404,
    exit: 2,
  },
  // Rule packs
  SP_RULES_SIGNATURE: {
    title: 'The rule pack is not signed by a key that is trusted here.',
    next: 'Get the pack from its publisher again, or add the key of the publisher under rules.keys; the rules in force have not changed.',
    http: 403,
    exit: 1,
  },
  SP_RULES_OLDER: {
    title: 'The rule pack is not newer than the one in force.',
    next: 'Use a pack with a higher version; the rules in force have not changed.',
    http: 409,
    exit: 1,
  },
  SP_RULES_INVALID: {
    title: 'The rule pack cannot be used.',
    next: 'Tell its publisher what the message says; the rules in force have not changed.',
    http: 422,
    exit: 2,
  },
  // Configuration, command line, start-up
  SP_CONFIG_INVALID: {
    title: 'The configuration is not valid.',
    next: 'Correct the place that the message names.',
    http: 422,
    exit: 2,
  },
  SP_CONFIG_NOT_FOUND: {
    title: 'There is no configuration here.',
    next: 'Make one with `sallyport init`, or name one with --config.',
    http: 404,
    exit: 2,
  },
  SP_CONFIG_INSECURE: {
    title: 'A setting weakens security and is not acknowledged.',
    next: 'Remove it, or acknowledge its exact path under acknowledgeInsecure.',
    http: 422,
    exit: 2,
  },
  SP_FLOW_PLAN: {
    title: 'The plan of a session that has read untrusted text cannot grow.',
    next: 'Declare the plan before anything is read; afterwards it can only shrink.',
    http: 409,
    exit: 1,
  },
  SP_ATTACK_DATA: {
    title: 'The replay data cannot be read.',
    next: 'Give a folder in the documented form (docs/guides/attack.md).',
    http: 422,
    exit: 2,
  },
  SP_CLI_USAGE: {
    title: 'The command line is not right.',
    next: 'See --help.',
    http: 400,
    exit: 2,
  },
  SP_CLI_NOT_BUILT: {
    title: 'This command is not built yet.',
    next: 'See CHANGELOG.md for what is there today.',
    http: 501,
    exit: 3,
  },
  SP_CLI_NEEDS_TERMINAL: {
    title: 'This needs a terminal.',
    next: 'Run it yourself in a terminal; nothing else can supply the answer.',
    http: 403,
    exit: 4,
  },
  AGENT_CONTROL_SEPARATION_001: {
    title: 'The boundary is not in the dispatch path, so the gateway does not start.',
    next: 'This is a defect of the installation: reinstall.',
    http: 500,
    exit: 3,
  },
  AGENT_CONTROL_SEPARATION_002: {
    title: 'The policy engine is not ready, so the gateway does not start.',
    next: 'Run `sallyport policy check`.',
    http: 500,
    exit: 3,
  },
  SP_INTERNAL: {
    title: 'Something failed inside the gateway, so the call is denied.',
    next: 'Look at `sallyport log show` with the event id and report it.',
    http: 500,
    exit: 3,
    rpc: -32603,
  },
})

export type ErrorCode = keyof typeof CODES
