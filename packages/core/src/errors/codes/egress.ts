import type { CodeEntry } from '../code-entry.ts'

/** Connections that leave. No text of these says what a name resolved to. */
export const EGRESS_CODES = {
  SP_EGRESS_REFUSED: {
    title: 'This host does not lead where the gateway may connect to.',
    next: 'Name it under `hosts` of the tool; if it is meant to lead inside, under `egress.exceptions`.',
    http: 403,
    exit: 1,
  },
  SP_EGRESS_RULE: {
    title: 'The rules of egress do not let this request out.',
    next: 'Ask for what they allow, or change the rule under `egress.rules`.',
    http: 403,
    exit: 1,
  },
  SP_EGRESS_UNREACHABLE: {
    title: 'The host cannot be reached.',
    next: 'Check its name, its port and the network of this machine.',
    http: 502,
    exit: 3,
    retryable: true,
  },
  SP_EGRESS_ANSWER: {
    title: 'What the host answers cannot be taken.',
    next: 'Look at what it sends; nothing of it was handed on.',
    http: 502,
    exit: 3,
  },
} as const satisfies Readonly<Record<string, CodeEntry>>
