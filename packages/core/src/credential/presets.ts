import { MODEL_PATHS } from '../egress/model-apis.ts'

/** What is usual for a well-known API, as members of a credential in the configuration; what is written there goes before it. */
export interface CredentialPreset {
  /** Absent: there is no one place. */
  readonly base?: string
  /** Absent: it has to be said. */
  readonly inject?:
    { readonly bearer: true } | { readonly header: string; readonly prefix?: string } | { readonly basic: string }
  readonly methods: readonly string[]
  readonly paths: readonly string[]
  /** What clients of this API read: the placeholder of its credential, or the URL that stands for it inside. */
  readonly env: Readonly<Record<string, 'lease' | 'base'>>
}

/** To read conversations and to write into them. */
const SLACK = [
  ...['list', 'info', 'history', 'replies', 'members'].map((name) => `/api/conversations.${name}`),
  ...['/api/chat.postMessage', '/api/chat.update', '/api/reactions.add', '/api/users.info', '/api/auth.test'],
]
const READ = ['GET', 'HEAD'] as const
const CALL = ['GET', 'HEAD', 'POST'] as const
const bearer = { bearer: true } as const

/**
 * Names of variables are those that the vendors' own clients and SDKs read. Methods are those without which a client does nothing
 * useful: an API that is only written to by choice is only read.
 */
export const CREDENTIAL_PRESETS = {
  anthropic: {
    ...{ base: 'https://api.anthropic.com', inject: { header: 'x-api-key' } },
    ...{ methods: CALL, paths: MODEL_PATHS.anthropic },
    env: { ANTHROPIC_API_KEY: 'lease', ANTHROPIC_BASE_URL: 'base' },
  },
  aws: {
    ...{ methods: ['GET', 'HEAD', 'POST'], paths: ['/', '/**'] },
    env: { AWS_ACCESS_KEY_ID: 'lease', AWS_SECRET_ACCESS_KEY: 'lease' },
  },
  gemini: {
    ...{ base: 'https://generativelanguage.googleapis.com', inject: { header: 'x-goog-api-key' } },
    ...{ methods: CALL, paths: MODEL_PATHS.gemini },
    env: { GEMINI_API_KEY: 'lease', GOOGLE_GEMINI_BASE_URL: 'base' },
  },
  github: {
    ...{ base: 'https://api.github.com', inject: bearer, methods: READ, paths: ['/**'] },
    env: { GITHUB_TOKEN: 'lease', GH_TOKEN: 'lease', GITHUB_API_URL: 'base' },
  },
  // `git clone` asks with POST (gitprotocol-http), and may push where the path of `git-receive-pack` is allowed
  'github-git': {
    ...{ base: 'https://github.com', inject: { basic: 'x-access-token' }, methods: ['GET', 'POST'] },
    ...{ paths: ['/*/*/info/refs', '/*/*/git-upload-pack'], env: {} },
  },
  gitlab: {
    ...{ base: 'https://gitlab.com/api/v4', inject: { header: 'private-token' }, methods: READ, paths: ['/api/v4/**'] },
    env: { GITLAB_TOKEN: 'lease', CI_API_V4_URL: 'base' },
  },
  npm: {
    ...{ base: 'https://registry.npmjs.org', inject: bearer, methods: READ, paths: ['/**'] },
    env: { NPM_TOKEN: 'lease' },
  },
  openai: {
    ...{ base: 'https://api.openai.com/v1', inject: bearer, methods: CALL },
    paths: MODEL_PATHS.openai,
    env: { OPENAI_API_KEY: 'lease', OPENAI_BASE_URL: 'base' },
  },
  // an index that asks who it is; the public one does so for uploads alone
  pypi: {
    ...{ base: 'https://upload.pypi.org/legacy', inject: { basic: '__token__' } },
    ...{ methods: ['POST'], paths: ['/legacy/'], env: { TWINE_PASSWORD: 'lease' } },
  },
  slack: {
    ...{ base: 'https://slack.com/api', inject: bearer, methods: CALL, paths: SLACK },
    env: { SLACK_BOT_TOKEN: 'lease' },
  },
  stripe: {
    ...{ base: 'https://api.stripe.com', inject: bearer, methods: READ, paths: ['/v1/**', '/v2/**'] },
    env: { STRIPE_API_KEY: 'lease', STRIPE_SECRET_KEY: 'lease' },
  },
} as const satisfies Readonly<Record<string, CredentialPreset>>

export type CredentialPresetName = keyof typeof CREDENTIAL_PRESETS

/**
 * Members of a credential with those of its preset behind them: a member that is given is meant as a whole.
 * @param given not looked at yet; what is no preset is left for whoever looks at it
 */
export function withPreset(given: unknown): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given
  const name = (given as { readonly preset?: unknown }).preset
  if (typeof name !== 'string' || !Object.hasOwn(CREDENTIAL_PRESETS, name)) return given
  const { methods, paths, ...usual }: CredentialPreset = CREDENTIAL_PRESETS[name as CredentialPresetName]
  // operations say themselves what may be asked
  return 'operations' in given ? { ...usual, ...given } : { ...usual, methods, paths, ...given }
}
