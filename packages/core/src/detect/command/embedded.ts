/** Signs that an argument is code for another program although nothing says so. Linear patterns. */
interface EmbeddedSign {
  readonly id: string
  readonly pattern: RegExp
  readonly positive: readonly string[]
  readonly negative: readonly string[]
}

const SHELL = String.raw`(?:/(?:usr/)?(?:local/)?s?bin/)?(?:ba|da|z|k|a|fi|c|tc)?sh`

export const EMBEDDED_SIGNS: readonly EmbeddedSign[] = [
  {
    id: 'shell-path',
    pattern: /(?:^|[\s=:'"({,!|;&@])\/(?:usr\/)?(?:local\/)?bin\/(?:ba|da|z|k|a|fi|c|tc)?sh(?:$|[\s'"),;|&<}\]:])/,
    positive: ['exec=/bin/sh', '/bin/bash -c id', 'os.execute("/bin/sh")', 'x:/usr/bin/zsh'],
    negative: ['/bin/share', 'docs/bin/sh.md', '/usr/bin/shasum'],
  },
  {
    id: 'shell-command',
    pattern: new RegExp(`(?:^|[\\s=:'"({,!|;&+])${SHELL}\\s+-\\w*[ci]\\w*(?:\\s|$|['"])`),
    positive: ['sh -c id', 'x="bash -c ls"', 'exec:sh -i'],
    negative: ['push -c', 'fish tank', 'bash script.sh'],
  },
  {
    id: 'bang',
    pattern: new RegExp(
      `(?:^|[\\s;:'"+|])!+\\s*(?:${SHELL}(?:\\b|$)|(?:exec|curl|wget|python\\d?|perl|ruby|nc|id|whoami|rm|cat|env|/[\\w/]+)(?:\\s|$))`,
    ),
    positive: ['!sh', ':!sh', '+!sh', '!/bin/sh', ':!id', '! curl x'],
    negative: ['fix: done!', 'hello! shell', '!important', '!*.map'],
  },
  {
    id: 'call',
    pattern:
      /\b(?:system|exec[lv]?p?e?|popen\d?|spawn\w*|shell_exec|passthru|proc_open|pcntl_exec|os\.execute|io\.popen|child_process|execSync|subprocess|ProcessBuilder|getRuntime|pty\.spawn|shell)\s*(?:\(|\.\w+\s*\(|\s['"]\/)/,
    positive: ['system("id")', 'os.execute("x")', "exec('/bin/sh')", 'subprocess.call(["x"])'],
    negative: ['the system is', 'execute the plan', 'filesystem', 'ecosystem (npm)'],
  },
  {
    id: 'exec-scheme',
    pattern: /(?:^|[\s,;|:])(?:exec|system|shell|command|sh-exec)[:=](?!\s|=|\/\/)['"]?[\w/~.]/i,
    positive: ['EXEC:/bin/bash,pty', 'exec=/bin/x', 'SYSTEM:id', 'command="x"'],
    negative: ['exec: run', 'system == x', 'a=b'],
  },
  {
    id: 'proxy-command',
    pattern:
      /(?:^|[\s-]|-o)(?:ProxyCommand|LocalCommand|PermitLocalCommand|KnownHostsCommand|RemoteCommand|PKCS11Provider|SecurityKeyProvider)\b/i,
    positive: ['ProxyCommand=sh', '-oProxyCommand=id', 'LocalCommand x'],
    negative: ['proxy', 'the command'],
  },
  {
    id: 'socket',
    pattern: /\/dev\/(?:tcp|udp)\/|\/inet\/(?:tcp|udp)\//,
    positive: ['/dev/tcp/1.2.3.4/5', '/inet/tcp/0/x/1'],
    negative: ['/dev/null', 'tcp://x'],
  },
  {
    id: 'download-to-shell',
    pattern: new RegExp(
      `\\b(?:curl|wget|fetch)\\b[^|;\\n]{0,300}\\|\\s*(?:sudo\\s+)?(?:${SHELL}|python\\d?|perl|node|ruby)\\b`,
    ),
    positive: ['curl x | sh', 'wget -qO- x|bash', 'curl x | sudo bash'],
    negative: ['curl x | jq .', 'wget x'],
  },
  {
    id: 'substitution',
    pattern:
      /\$\((?:curl|wget|cat|id|whoami|env|sh|bash|python\d?|nc|base64|hostname|printenv)\b|`(?:curl|wget|id|whoami|env|sh|bash|nc|cat)\b[^`]{0,200}`/,
    positive: ['$(curl x)', '`id`', '$(cat ~/.ssh/id_rsa)'],
    negative: ['$(date)', '`foo`', '$HOME'],
  },
]

/** The sign that gives a word away; undefined for ordinary text. */
export function embeddedSign(text: string): string | undefined {
  if (text.length < 3) return undefined
  const part = text.length > 20_000 ? text.slice(0, 20_000) : text
  return EMBEDDED_SIGNS.find(({ pattern }) => pattern.test(part))?.id
}
