import type { PostureSeverity } from '@sallyport/core'

/** A variable that changes what programs load or trust. Its value is told of nobody. */
export interface RiskyVariable {
  readonly name: string
  readonly severity: PostureSeverity
  /** What it does. */
  readonly what: string
}

interface Known {
  readonly severity: PostureSeverity
  readonly what: string
  /** Values that matter; absent: any. */
  readonly when?: RegExp
}

const LOADS = 'makes every program that is started load code of somebody else first'

/** By name. Exact names, as they are written. */
const VARIABLES: Readonly<Record<string, Known>> = {
  NODE_TLS_REJECT_UNAUTHORIZED: { severity: 'high', what: 'switches the check of certificates off', when: /^0$/ },
  PYTHONHTTPSVERIFY: { severity: 'high', what: 'switches the check of certificates off', when: /^0$/ },
  GIT_SSL_NO_VERIFY: { severity: 'high', what: 'switches the check of certificates off', when: /^(?:1|true)$/i },
  SSLKEYLOGFILE: { severity: 'high', what: 'writes the keys of TLS connections to a file' },
  LD_PRELOAD: { severity: 'high', what: LOADS },
  LD_AUDIT: { severity: 'high', what: LOADS },
  DYLD_INSERT_LIBRARIES: { severity: 'high', what: LOADS },
  NODE_OPTIONS: {
    severity: 'medium',
    what: 'makes Node load code first, or opens it to a debugger',
    when: /(?:^|\s)(?:-r|--require|--import|--loader|--experimental-loader|--inspect(?:-\w+)?)\b/,
  },
  NODE_PATH: { severity: 'medium', what: 'makes Node look for modules elsewhere' },
  BASH_ENV: { severity: 'medium', what: 'makes each shell script run a file first' },
  PYTHONSTARTUP: { severity: 'medium', what: 'makes Python run a file first' },
  PERL5OPT: { severity: 'medium', what: 'makes Perl load code first' },
  RUBYOPT: { severity: 'medium', what: 'makes Ruby load code first' },
  GIT_SSH_COMMAND: { severity: 'medium', what: 'makes git run a command of its own for each connection' },
  GIT_EXTERNAL_DIFF: { severity: 'medium', what: 'makes git run a command' },
  JAVA_TOOL_OPTIONS: {
    severity: 'medium',
    what: 'makes Java load code first',
    when: /-(?:javaagent|agentlib|agentpath)/,
  },
}

/** Variables of an environment that change what programs load or trust. */
export const riskyVariables = (env: Readonly<Record<string, string | undefined>>): readonly RiskyVariable[] =>
  Object.entries(VARIABLES).flatMap(([name, { severity, what, when }]) => {
    const value = env[name] ?? ''
    return value === '' || when?.test(value) === false ? [] : [{ name, severity, what }]
  })
