import { FOLDERS, LEAST } from './scripts/coverage/security.mjs'
import base from './vitest.config.ts'

const SECURITY = FOLDERS.map((name) => `packages/gateway/src/${name}/**/*.ts`)

export default {
  ...base,
  test: {
    ...base.test,
    coverage: {
      provider: 'v8' as const,
      enabled: true,
      include: SECURITY,
      // what runs in threads alone is not counted
      exclude: ['**/*.test.ts', '**/*-worker.ts', '**/*.worker.ts'],
      reporter: ['json-summary', 'json'],
      reportOnFailure: true,
      thresholds: Object.fromEntries(SECURITY.map((folder) => [folder, { lines: LEAST, branches: LEAST }])),
    },
  },
}
