import type { CodeEntry } from '../code-entry.ts'

/** Evidence, store, rule packs, configuration and start-up. */
export const OPERATION_CODES = {
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
} as const satisfies Readonly<Record<string, CodeEntry>>
