import type { CodeEntry } from '../code-entry.ts'

/** Bundles from registries (SYS-9, HB-36). Whatever one of these says, nothing of the bundle was kept. */
export const REGISTRY_CODES = {
  SP_REGISTRY_REFERENCE: {
    title: 'This is no reference to a bundle.',
    next: 'Write clawhub:OWNER/NAME@VERSION, npm:NAME@VERSION, github:OWNER/REPO@COMMIT or https://…#sha256=….',
    http: 400,
    exit: 2,
  },
  SP_REGISTRY_UNPINNED: {
    title: 'The reference does not say exactly what is to be fetched.',
    next: 'Name one version, commit or hash. Resolving the reference says which one it is now.',
    http: 400,
    exit: 2,
  },
  SP_REGISTRY_NOT_CONFIGURED: {
    title: 'Nothing is fetched from there.',
    next: 'Name the place under `registries` in the configuration, if bundles may come from it.',
    http: 400,
    exit: 2,
  },
  SP_REGISTRY_UNKNOWN: {
    title: 'The registry does not have this bundle.',
    next: 'Check name, owner and version; it may have been taken down.',
    http: 404,
    exit: 3,
  },
  SP_REGISTRY_UNAVAILABLE: {
    title: 'The registry does not hand the bundle out.',
    next: 'Try again later; where it asks for a sign-in, set `token` of the registry.',
    http: 502,
    exit: 3,
    retryable: true,
  },
  SP_REGISTRY_REDIRECT: {
    title: 'The registry leads to a place that it may not lead to.',
    next: 'If files of the registry lie there, name the host under `downloads` of the registry.',
    http: 502,
    exit: 1,
  },
  SP_REGISTRY_ANSWER: {
    title: 'The registry does not answer as it should.',
    next: 'Check that `url` is the registry itself, not its web site or a sign-in page.',
    http: 502,
    exit: 3,
  },
  SP_REGISTRY_TRUNCATED: {
    title: 'The answer of the registry ends before it is whole.',
    next: 'Try again; if it happens again, look at what the registry sends.',
    http: 502,
    exit: 3,
    retryable: true,
  },
  SP_REGISTRY_TIMEOUT: {
    title: 'The registry takes too long.',
    next: 'Try again later, or give it more time with `registries.limits.time`.',
    http: 504,
    exit: 3,
    retryable: true,
  },
  SP_REGISTRY_TOO_LARGE: {
    title: 'The bundle is larger than bundles may be.',
    next: 'Ask its publisher for a smaller one; `registries.limits` can only be lowered below 50 MB.',
    http: 502,
    exit: 1,
  },
  SP_REGISTRY_ARCHIVE: {
    title: 'The archive of the bundle cannot be taken.',
    next: 'Do not install it by other means; tell its publisher what is wrong with the archive.',
    http: 502,
    exit: 1,
  },
  SP_REGISTRY_MISMATCH: {
    title: 'What came is not what the registry announced.',
    next: 'Do not install it by other means; report it to the registry.',
    http: 502,
    exit: 1,
  },
  SP_REGISTRY_INTEGRITY: {
    title: 'The hash of what came is not the announced one.',
    next: 'Do not install it by other means; report it to the registry.',
    http: 502,
    exit: 1,
  },
  SP_REGISTRY_WEAK_INTEGRITY: {
    title: 'No hash that can be relied on is announced for the bundle.',
    next: 'Give the SHA-256 or SHA-512 of the bundle that you reviewed.',
    http: 502,
    exit: 1,
  },
  SP_REGISTRY_CHANGED: {
    title: 'The same version has another content than the one that was reviewed.',
    next: 'Keep the reviewed one; review what the registry serves now as if it were new.',
    http: 409,
    exit: 1,
  },
  SP_REGISTRY_SIGNATURE: {
    title: 'The signature of the bundle does not hold.',
    next: 'Do not install it; check the keys under `registries`, and ask its publisher.',
    http: 502,
    exit: 1,
  },
  SP_REGISTRY_MODERATED: {
    title: 'The registry has flagged this bundle or taken it down.',
    next: 'Look for another one; to examine it in quarantine, say that a flagged one is wanted.',
    http: 403,
    exit: 1,
  },
} as const satisfies Readonly<Record<string, CodeEntry>>
