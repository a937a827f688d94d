/**
 * What it takes to ask a model, by service. Files, batches of files, assistants, organisations and the making of tokens for others are
 * not of it: an agent that asks a model needs none of them, and each is a way to leave something there (T-115, T-127, E-88).
 */
export const MODEL_PATHS = {
  anthropic: ['/v1/messages', '/v1/messages/**', '/v1/models', '/v1/models/**', '/v1/complete'],
  openai: [
    ...['/v1/chat/completions', '/v1/completions', '/v1/responses', '/v1/responses/**', '/v1/embeddings'],
    ...['/v1/models', '/v1/models/**', '/v1/moderations', '/v1/audio/**', '/v1/images/**'],
  ],
  gemini: ['v1', 'v1beta'].flatMap((version) => [`/${version}/models`, `/${version}/models/**`]),
} as const satisfies Readonly<Record<string, readonly string[]>>
