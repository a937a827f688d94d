import { classesOfPath, type ProtectedClass } from '../../policy/protected.ts'

/** What lies at a path, for judging reads and writes of it. `system` and `devices` only count outside a workspace. */
export type PlaceClass =
  Exclude<ProtectedClass, 'sallyport-decide' | 'secrets'> | 'credentials' | 'devices' | 'kernel' | 'system'

interface PlaceRule {
  readonly class: PlaceClass
  /** On the lower-case canonical path. Anchored at segments; bounded. */
  readonly pattern: RegExp
  readonly positive: readonly string[]
  readonly negative: readonly string[]
}

/** Places beyond the table of protected paths, which counts as well. */
export const PLACE_RULES: readonly PlaceRule[] = [
  {
    class: 'credentials',
    pattern: /(?:^|\/)\.env(?:rc)?(?:\.(?!example$|sample$|template$|dist$|defaults?$|schema$|d\.ts$)[^/]*)?$/,
    positive: ['/w/.env', '/w/.env.local', '/w/app/.env.production'],
    negative: ['/w/.env.example', '/w/env.ts', '/w/.environment', '/w/.env.sample'],
  },
  {
    class: 'credentials',
    pattern:
      /(?:^|\/)(?:[^/]*\.(?:ppk|p12|pfx|jks|keystore|kdbx?|pem|keychain(?:-db)?|ovpn)|(?:[^/]*[_.-])?(?:private|server|client|tls|ssl|signing|deploy)[_.-]?key(?:\.[^/]*)?|[^/]*\.key|id_(?:dsa|ecdsa|ecdsa_sk|ed25519_sk))$/,
    positive: ['/w/server.key', '/w/cert/site.pem', '/w/keys/app.p12', '/w/private_key.json', '/w/id_ecdsa'],
    negative: ['/w/keyboard.ts', '/w/id_ecdsa.pub', '/w/monkey.md', '/w/keys/index.ts'],
  },
  {
    class: 'credentials',
    pattern:
      /(?:^|\/)(?:credentials|secrets?|passwords?|client[_-]secrets?|service[_-]?account(?:[_-]?key)?|application_default_credentials|token|auth|kubeconfig|htpasswd|\.htpasswd|vault[_-]?token|terraform)(?:[._-][^/.]*)?\.(?:json|ya?ml|toml|ini|txt|csv|xml|env|conf|tfstate|tfvars)$/,
    positive: ['/w/credentials.json', '/w/client_secret_1.json', '/w/secrets.yaml', '/w/terraform.tfstate'],
    negative: ['/w/src/credentials.ts', '/w/token.go', '/w/docs/secrets.md', '/w/authors.json'],
  },
  {
    class: 'credentials',
    pattern:
      /(?:^|\/)(?:\.vault-token|\.pgpass|\.my\.cnf|\.boto|\.s3cfg|\.terraformrc|\.htpasswd|\.dockercfg|\.databrickscfg|\.snowsql|\.oci|\.aliyun|\.bluemix|\.fly|\.railway|\.heroku|\.netlify|\.vercel|\.password-store|\.bitcoin|\.ethereum|\.electrum|\.putty|\.passwd-s3fs|_netrc|\.rclone\.conf|\.condarc)(?:$|\/)/,
    positive: ['/home/ana/.pgpass', '/home/ana/.password-store/x.gpg', '~/.vault-token'],
    negative: ['/home/ana/pgpass.md', '/home/ana/.flying'],
  },
  {
    class: 'credentials',
    pattern:
      /(?:^|\/)\.(?:config\/(?:op|doctl|rclone|hub|glab-cli|sops|age|solana|configstore|heroku|hcloud|scw|linode-cli|stripe|ngrok|filezilla|composer\/auth\.json|containers\/auth\.json|google-chrome|chromium|bravesoftware|microsoft-edge|1password|bitwarden)|local\/share\/(?:keyrings|kwalletd|pypoetry|containers\/auth\.json)|cargo\/credentials(?:\.toml)?|gem\/credentials|m2\/settings(?:-security)?\.xml|gradle\/gradle\.properties|composer\/auth\.json|subversion\/auth|terraform\.d\/credentials\.tfrc\.json|mozilla|thunderbird|nuget\/nuget\.config|minikube\/(?:ca|client)\.key|kaggle\/kaggle\.json|huggingface\/token|cache\/huggingface\/token|openai|anthropic)(?:$|\/)/,
    positive: ['/home/ana/.config/op/config', '/home/ana/.cargo/credentials.toml', '/home/ana/.mozilla/firefox'],
    negative: ['/home/ana/.config/nvim/init.lua', '/home/ana/.cargo/registry', '/home/ana/.m2/repository'],
  },
  {
    class: 'credentials',
    pattern:
      /(?:^|\/)(?:\.(?:bash|zsh|sh|psql|mysql|python|node_repl|irb|sqlite|rediscli|dbshell|lesshs|ksh)_?history|\.histfile|\.lesshst|fish_history|login data(?: for account)?|(?:default|network|profile[^/]*|firefox\/[^/]*)\/cookies(?:\.sqlite)?|key[34]\.db|logins\.json|wallet\.dat|local state|library\/(?:keychains|cookies)|appdata\/[^/]*\/(?:microsoft\/(?:credentials|protect)|google\/chrome))(?:$|\/)/,
    positive: ['/home/ana/.bash_history', '/home/ana/x/logins.json', '/users/ana/library/keychains/a'],
    negative: ['/w/history.md', '/w/src/cookies.ts', '/w/library/index.ts'],
  },
  {
    class: 'credentials',
    pattern:
      /^\/(?:private\/)?(?:etc\/(?:passwd|group|shadow|gshadow|master\.passwd|security\/opasswd|krb5\.keytab|ssl\/private|ssh\/ssh_host_[^/]*_key|wireguard|openvpn|networkmanager\/system-connections|wpa_supplicant|ipsec\.secrets|kubernetes|rancher|letsencrypt|pki\/tls\/private|docker\/key\.json|cloud|mysql\/debian\.cnf|ppp\/[^/]*-secrets)-?|run\/secrets|var\/run\/secrets|var\/lib\/(?:kubelet|docker|cloud|rancher|jenkins)|var\/backups)(?:$|\/)/,
    positive: ['/etc/passwd', '/etc/shadow-', '/run/secrets/db', '/etc/ssh/ssh_host_rsa_key'],
    negative: ['/etc/hosts', '/etc/ssl/certs/ca.pem.txt', '/w/etc/passwd', '/etc/passwdx'],
  },
  {
    class: 'kernel',
    pattern:
      /^\/(?:proc\/(?:kcore|kmem|kallsyms|sysrq-trigger|sys(?:\/|$)|keys|(?:self|thread-self|\d+)(?:\/task\/[^/]*)?\/(?:environ|mem|maps|smaps|auxv|stack|syscall|cmdline|pagemap|map_files|uid_map|gid_map|setgroups|attr|ns|root|cwd|exe)(?:\/|$)|\d+(?:\/task\/[^/]*)?\/fd)|sys\/(?:kernel|firmware|power|fs\/(?:cgroup|bpf))|dev\/(?:mem|kmem|port|kmsg|sd[a-z]|nvme|vd[a-z]|xvd|hd[a-z]|mapper|dm-|loop|md\d|disk|tcp\/|udp\/|kvm|net\/|fuse|uinput|input\/|snapshot)|boot\/efi|(?:var\/)?run\/(?:docker|podman|crio|containerd|libvirt)[^/]*(?:\/[^/]*)*\.sock)/,
    positive: [
      '/proc/self/environ',
      '/dev/sda1',
      '/var/run/docker.sock',
      '/run/containerd/containerd.sock',
      '/proc/1/root',
    ],
    negative: ['/proc/cpuinfo', '/dev/null', '/w/proc/self/environ', '/run/user/1000'],
  },
  {
    class: 'devices',
    pattern:
      /^\/(?:dev\/(?:fd(?:\/|$)|std(?:in|out|err)$|tty|pts\/|shm\/|ptmx)|proc\/(?:thread-)?self\/(?:task\/[^/]*\/)?fd)/,
    positive: ['/dev/fd/3', '/dev/stdin', '/dev/tty'],
    negative: ['/dev/null', '/w/dev/fd'],
  },
  {
    class: 'system',
    pattern:
      /^\/(?:private\/)?(?:(?:etc|usr|bin|sbin|lib(?:32|64|x32)?|boot|opt|var|sys|proc|dev|run|srv|snap|nix|system|library|applications|root|windows|program files)(?:\/|$)|$|home$|users$|mnt$|media$|tmp$)/,
    positive: ['/etc/hosts', '/usr/bin/env', '/', '/root/x', '/library/launchdaemons/x'],
    negative: ['/home/ana/x', '/work/usr/bin', '/tmp/x', '/etcetera'],
  },
  {
    class: 'shell-startup',
    pattern:
      /(?:^|\/)(?:\.(?:kshrc|mkshrc|tcshrc|cshrc|login|zlogout|inputrc|pam_environment|xprofile|xinitrc|xsession(?:rc)?|screenrc|tmux\.conf|vimrc|exrc|nanorc|emacs|gdbinit|lldbinit|irbrc|pryrc|pythonrc|ackrc|curlrc|wgetrc|hgrc|sqliterc|psqlrc|bazelrc|yarnrc(?:\.yml)?|pnpmfile\.cjs|pdbrc)|\.config\/(?:nvim|systemd|autostart|zsh|fish|environment\.d)|\.local\/bin|\.ipython|sitecustomize\.py|usercustomize\.py)(?:$|\/)/,
    positive: ['/home/ana/.vimrc', '/home/ana/.local/bin/ls', '/home/ana/.config/systemd/user/x.service'],
    negative: ['/w/vimrc.md', '/w/src/login.ts', '/home/ana/.config/other'],
  },
]

/** `id_ed25519.pub`, `known_hosts`, certificates: they lie with keys and are none. */
const PUBLIC_HALF = /(?:\.pub|\/known_hosts|\/authorized_keys|(?:ca|certs?|chain|public|pub|bundle)\.pem)$/i

const folding = (path: string): string => path.normalize('NFKC').toLowerCase()

/** Everything that a canonical path is. `extra`: absolute paths of this installation of ours. */
export function placesOf(canonical: string, extra: readonly string[] = []): readonly PlaceClass[] {
  const folded = folding(canonical)
  const found = new Set<PlaceClass>(PLACE_RULES.filter(({ pattern }) => pattern.test(folded)).map((rule) => rule.class))
  for (const name of classesOfPath(canonical, extra.map(folding))) {
    if (name === 'secrets') found.add('credentials')
    else if (name !== 'sallyport-decide') found.add(name)
  }
  return [...found].sort()
}

/** The public half of a key: reading it gives nothing away, changing it may let somebody in. */
export const isPublicHalf = (canonical: string): boolean => PUBLIC_HALF.test(canonical)
