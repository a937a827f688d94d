import type { CodeEntry } from '../code-entry.ts'

/** What policy, the content gate, approvals and capability tokens say. */
export const DECISION_CODES = {
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
  SP_POLICY_CONFLICT: {
    title: 'Another policy came into force while this draft was worked on.',
    next: 'Rebase the draft on the policy in force, look at the difference again, then publish.',
    http: 409,
    exit: 1,
  },
  SP_POLICY_DRAFT: {
    title: 'There is no such draft, or it has been changed meanwhile.',
    next: 'Open the draft again; what is in force has not changed.',
    http: 409,
    exit: 2,
  },
  SP_POLICY_BUSY: {
    title: 'As many checks or simulations of policies are running as may run.',
    next: 'Wait for one to end, or cancel it.',
    http: 429,
    exit: 1,
    retryable: true,
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
  SP_CONTENT_CODE: {
    title: 'The call would write or run code that is not accepted.',
    next: 'Write it in the way that the message names, or ask the operator to accept the finding.',
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
} as const satisfies Readonly<Record<string, CodeEntry>>
