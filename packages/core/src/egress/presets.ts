import { MODEL_PATHS } from './model-apis.ts'
import type { RequestShape } from './requests.ts'
import type { EgressRuleParts } from './rule-parts.ts'

const READ: RequestShape = { methods: ['GET', 'HEAD'] }
const fetched = (...hosts: readonly string[]): EgressRuleParts => ({ hosts, allow: [READ] })
const posted = (host: string, ...paths: readonly string[]): EgressRuleParts => ({
  hosts: [host],
  allow: [{ methods: ['POST'], paths }, READ],
  secrets: 'mask',
})

/** Git over HTTPS, for reading: the second request names what the first one listed. */
const GIT_FETCH: readonly RequestShape[] = [
  { methods: ['GET'], paths: ['/**/info/refs'], query: { service: ['git-upload-pack'] } },
  { methods: ['POST'], paths: ['/**/git-upload-pack'] },
]

/**
 * Services that programs of agents use, with no more than that takes: to read packages and repositories, to ask a model, to post a
 * message. Webhooks are of none: which of them is whose stands in their path, so that a rule has to name it.
 */
export const EGRESS_PRESETS = {
  npm: [
    {
      ...fetched('registry.npmjs.org'),
      allow: [READ, { methods: ['POST'], paths: ['/-/npm/v1/security/**'] }],
    },
  ],
  pypi: [fetched('pypi.org', 'files.pythonhosted.org')],
  crates: [fetched('index.crates.io', 'static.crates.io', 'crates.io')],
  go: [fetched('proxy.golang.org', 'sum.golang.org')],
  maven: [fetched('repo.maven.apache.org', 'repo1.maven.org')],
  rubygems: [fetched('rubygems.org', 'index.rubygems.org')],
  debian: [fetched('deb.debian.org', 'security.debian.org', 'deb.debian.org:80', 'security.debian.org:80')],
  huggingface: [fetched('huggingface.co', '*.huggingface.co', '*.hf.co')],
  github: [
    { hosts: ['github.com'], allow: [READ, ...GIT_FETCH] },
    { hosts: ['api.github.com'], allow: [READ, { graphql: { operations: ['query'] }, paths: ['/graphql'] }] },
    fetched('codeload.github.com', 'raw.githubusercontent.com', 'objects.githubusercontent.com'),
  ],
  gitlab: [{ hosts: ['gitlab.com'], allow: [READ, ...GIT_FETCH] }],
  anthropic: [{ ...posted('api.anthropic.com', ...MODEL_PATHS.anthropic), credentials: 'client' }],
  openai: [{ ...posted('api.openai.com', ...MODEL_PATHS.openai), credentials: 'client' }],
  gemini: [{ ...posted('generativelanguage.googleapis.com', ...MODEL_PATHS.gemini), credentials: 'client' }],
  slack: [
    {
      hosts: ['slack.com'],
      allow: [
        {
          methods: ['GET', 'POST'],
          paths: ['list', 'info', 'history', 'replies'].map((name) => `/api/conversations.${name}`),
        },
        { methods: ['GET', 'POST'], paths: ['/api/chat.postMessage', '/api/auth.test', '/api/users.info'] },
      ],
    },
  ],
} as const satisfies Readonly<Record<string, readonly EgressRuleParts[]>>

export type EgressPreset = keyof typeof EGRESS_PRESETS
