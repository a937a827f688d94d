import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { configDefaults, defineConfig } from 'vitest/config'

const conditions = ['source']
const globalSetup = ['test/setup/global.ts'].filter((file) => existsSync(new URL(file, import.meta.url)))

/** Files that replace modules; all others share what they import, which saves most of the time that they take. */
const APART = ['packages/gateway/src/control/policy/prepare-thread.test.ts', 'test/mcp/wrap.test.ts']

const hasBrowser = existsSync(process.env['SALLYPORT_CHROMIUM'] ?? '/usr/bin/chromium')
if (!hasBrowser) process.stderr.write('NOT VERIFIED: the console in a browser, because Chromium is not installed.\n')

export default defineConfig({
  resolve: {
    conditions,
    alias: [
      {
        find: /^\.{1,2}(\/\.\.)*\/worker\.ts$/,
        replacement: fileURLToPath(new URL('test/setup/worker.ts', import.meta.url)),
      },
    ],
  },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          isolate: false,
          include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...APART, ...(hasBrowser ? [] : ['test/browser/**'])],
        },
      },
      { extends: true, test: { name: 'apart', include: APART } },
    ],
    globalSetup,
    setupFiles: ['test/setup/loopback.ts'],
    // Packages that publish a `source` condition of their own are TypeScript to this runner.
    server: {
      deps: { inline: [/eventsource-parser/, /@modelcontextprotocol\/(client|sdk)/, /node_modules\/(ai|@ai-sdk)\//] },
    },
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 15_000 } },
    // Processes, sockets and clocks of a shared machine: what passes on its second try is listed as such.
    retry: 1,
    passWithNoTests: true,
    coverage: { provider: 'v8', include: ['packages/*/src/**/*.ts'], exclude: ['**/*.test.ts'] },
  },
})
