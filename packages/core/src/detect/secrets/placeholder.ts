/** Values that stand for a secret and are none: references, placeholders, words that every manual uses. */
const WEAK: ReadonlySet<string> = new Set(
  (
    'password passwd pass pwd secret secrets token tokens key keys apikey admin administrator root user username guest test ' +
    'tests testing tester demo sample default example changeme changeit change_me replaceme dummy fake foo bar baz foobar ' +
    'none null nil undefined true false yes no on off empty required optional string number boolean bytes text any unknown ' +
    'todo tbd fixme redacted hidden masked removed omitted xxx abc abcd abc123 123 1234 12345 123456 1234567 12345678 ' +
    'postgres mysql mongo redis rabbitmq oracle sa minio grafana elastic letmein qwerty welcome mypassword mysecret mytoken ' +
    'mykey yourpassword yoursecret yourtoken yourkey your_password my_password insert-token bearer basic digest oauth oauth2 ' +
    'password123 p4ssw0rd test123 secret123 s3cret env vault file prompt stdin'
  ).split(' '),
)

/** `${X}`, `$X`, `<x>`, `{{ x }}`, `%X%`, `$(x)`, `!secret x`, `vault:x`, `op://x`, `env:X`, `process.env.X`, a path. */
const REFERENCE =
  /^(?:\$[{(A-Za-z_]|<|\{\{|%[A-Za-z_]{2,64}%|!|@|#\{|\[|(?:vault|op|env|file|ssm|sm|secret|secretref|keyring|keychain|bws|doppler|awssm|gcpsm|azkv|sops|ref|data|urn):|arn:|projects\/|process\.|os\.|System\.|Deno\.|import\.|env[.[(]|getenv|secrets[.[]|var\.|local\.|config[.[(]|settings\.|self\.|this\.|https?:\/\/[^@]*$|[a-z]+:\/\/[^:@]*$|\.{0,2}\/[\w.-]+(?:\/|$)|~\/|\/(?:run|etc|var|home|mnt|opt|usr|tmp)\/)/i
/** Words that are in placeholders and, as whole words of four letters or more, never in random values of this length. */
const SAYS_SO =
  /example|placeholder|your[_-]?|changeme|replace[_-]?(?:me|this|with)|insert[_-]|dummy|redacted|sample|fake[_-]|not[_-]?a?[_-]?real|<[a-z]|\.\.\.|…|\*{3}|x{5}|X{5}|0{9}|_here\b|-here\b|[tT]est[_-]?(?:key|token|secret|password)|my[_-](?:secret|token|key|password|api)|my(?:secret|token|password)(?:token|key)?$|todo/i

/** True for a value that says itself that it is none: a reference to where the secret is kept, or a placeholder. */
export function isPlaceholder(value: string): boolean {
  if (value.length < 3) return true
  if (WEAK.has(value.toLowerCase())) return true
  if (REFERENCE.test(value)) return true
  const head = value.length > 300 ? value.slice(0, 300) : value
  return SAYS_SO.test(head) || isMonotonous(head)
}

/** `aaaaaaaa`, `12345678`, `abcdefgh`: one step from each character to the next. */
function isMonotonous(value: string): boolean {
  let steps = 0
  for (let i = 1; i < value.length; i++) {
    const step = value.charCodeAt(i) - value.charCodeAt(i - 1)
    if (step === 0 || step === 1) steps++
  }
  return steps >= (value.length - 1) * 0.75
}
