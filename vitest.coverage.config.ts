import base from './vitest.config.ts'

/** Where a hole is a hole in the boundary (AC-7.3.5, E-04): each folder by itself. */
const SECURITY = ['boundary', 'control', 'execution', 'custody'].map((name) => `packages/gateway/src/${name}/**/*.ts`)
/** Per cent, and more than that. */
const LEAST = 90.01

// Programs that tests start are other processes, which are not counted.
export default {
  ...base,
  test: {
    ...base.test,
    coverage: {
      provider: 'v8' as const,
      enabled: true,
      include: SECURITY,
      exclude: ['**/*.test.ts', '**/*-worker.ts', '**/*.worker.ts'],
      reporter: ['text-summary', 'json-summary'],
      thresholds: Object.fromEntries(SECURITY.map((folder) => [folder, { lines: LEAST, branches: LEAST }])),
    },
  },
}
