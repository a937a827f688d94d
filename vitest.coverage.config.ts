import { FOLDERS } from './scripts/coverage/security.mjs'
import base from './vitest.config.ts'

const SETUP = base.test?.setupFiles ?? []

/** What `npm run coverage:security` measures; the bar is beside the folders. */
export default {
  ...base,
  test: {
    ...base.test,
    setupFiles: [SETUP, 'test/setup/programs.ts'].flat(),
    coverage: {
      provider: 'v8' as const,
      enabled: true,
      include: FOLDERS.map((name) => `packages/gateway/src/${name}/**/*.ts`),
      // what runs in threads alone is not counted
      exclude: ['**/*.test.ts', '**/fixtures/**', '**/*-worker.ts', '**/*.worker.ts'],
      reportsDirectory: 'coverage/tests',
      reporter: ['json'],
      reportOnFailure: true,
    },
  },
}
