import type { CodeEntry } from '../code-entry.ts'

/** People: who signs in to the console, and who may be added to them. */
export const PEOPLE_CODES = {
  SP_AUTHN_SIGN_IN: {
    title: 'The sign-in was refused.',
    next: 'Try again, or use another way to sign in. Denying and stopping agents still work on the command line.',
    http: 401,
    exit: 4,
  },
  SP_AUTHN_PROVIDER: {
    title: 'The company sign-in did not answer as it must.',
    next: 'Sign in with a passkey meanwhile; `console.oidc` names the provider.',
    http: 502,
    exit: 3,
    retryable: true,
  },
  SP_AUTHN_LINK: {
    title: 'The link or code was used, has ended, or belongs to another browser.',
    next: 'Run `sallyport setup-link` as the gateway’s user, or ask an admin for a new one.',
    http: 403,
    exit: 4,
  },
  SP_PEOPLE_UNKNOWN: {
    title: 'There is no such person, session or device.',
    next: '`sallyport people ls` and `sallyport login ls` list them.',
    http: 404,
    exit: 2,
  },
  SP_PEOPLE_EXISTS: {
    title: 'There is a person of that name, or there was one.',
    next: 'Choose another name; names are not given twice, so that the log stays clear.',
    http: 409,
    exit: 1,
  },
  SP_PEOPLE_LAST: {
    title: 'The last admin and the last approver stay.',
    next: 'Give the role to somebody else first.',
    http: 409,
    exit: 1,
  },
  SP_PEOPLE_LIMIT: {
    title: 'There are as many as there may be.',
    next: 'Remove one that is no longer needed.',
    http: 409,
    exit: 1,
  },
} as const satisfies Readonly<Record<string, CodeEntry>>
