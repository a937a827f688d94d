import type { Effect } from './effects.ts'

export type PathUse = 'read' | 'write' | 'delete'

/** Paths that mean something wherever they appear. Tested against normalised paths: home is `~`. First match counts. */
export interface PathRule {
  readonly id: string
  readonly pattern: RegExp
  readonly except?: RegExp
  readonly effects: Partial<Record<PathUse, Effect>>
  /** Paths that a shell pattern is held against (`/et?/sh*`). */
  readonly samples?: readonly string[]
  readonly positive: readonly string[]
  readonly negative: readonly string[]
}

/** Names that mark a file as a specimen: documentation, templates, tests. */
const SPECIMEN =
  /(?:^|[./_-])(?:examples?|samples?|templates?|dist|fixtures?|mocks?|dummy|fake|tests?|docs?|schema)(?:[./_-]|$)/i
const PUBLIC = /\.pub$|(?:^|\/)known_hosts(?:\.old)?$/

export const PATH_RULES: readonly PathRule[] = [
  {
    id: 'container-socket',
    pattern: /(?:^|\/)(?:docker|containerd|crio|podman|buildkitd|dockershim)\.sock$/,
    effects: {
      read: 'privilege.container-escape',
      write: 'privilege.container-escape',
      delete: 'privilege.container-escape',
    },
    positive: ['/var/run/docker.sock', '/run/containerd/containerd.sock'],
    negative: ['docs/docker.sock.md', 'docker-sock'],
  },
  {
    id: 'device',
    pattern:
      /^\/dev\/(?:sd[a-z]|hd[a-z]|vd[a-z]|xvd[a-z]|nvme\d|mmcblk\d|disk|rdisk|mapper\/|dm-\d|md\d|loop\d|sr\d|ram\d|block\/)/,
    effects: { read: 'read.memory', write: 'disk.overwrite', delete: 'disk.overwrite' },
    positive: ['/dev/sda', '/dev/nvme0n1', '/dev/mapper/vg-root'],
    negative: ['/dev/null', '/dev/stdout', 'dev/sda.txt'],
  },
  {
    id: 'memory',
    pattern:
      /^\/(?:dev\/(?:mem|kmem|port)|proc\/(?:kcore|kmem|[^/]+\/(?:mem|maps|fd\/.*|auxv|stack))|sys\/kernel\/debug)(?:\/|$)/,
    except: /^\/proc\/(?:self|\$\$)\/(?:fd|maps)/,
    effects: { read: 'read.memory', write: 'privilege.kernel' },
    samples: ['/dev/mem', '/proc/kcore'],
    positive: ['/proc/kcore', '/dev/mem', '/proc/1/mem'],
    negative: ['/proc/loadavg', '/proc/cpuinfo', '/proc/meminfo'],
  },
  {
    id: 'environment-of-process',
    pattern: /^\/proc\/[^/]+\/(?:task\/[^/]+\/)?environ$/,
    effects: { read: 'read.environment', write: 'privilege.kernel' },
    samples: ['/proc/self/environ', '/proc/1/environ'],
    positive: ['/proc/self/environ', '/proc/1/environ', '/proc/*/environ'],
    negative: ['/proc/cpuinfo', 'docs/environ'],
  },
  {
    id: 'kernel',
    pattern:
      /^\/(?:proc\/(?:sys|sysrq-trigger|self\/(?:oom|uid_map|gid_map|setgroups))|sys\/|boot\/|lib\/modules\/|dev\/(?:watchdog|kvm))/,
    effects: { write: 'privilege.kernel', delete: 'delete.system' },
    positive: ['/proc/sysrq-trigger', '/proc/sys/kernel/core_pattern', '/sys/fs/cgroup/release_agent'],
    negative: ['/proc/loadavg', 'sys/main.c'],
  },
  {
    id: 'access',
    pattern:
      /(?:^|\/)(?:authorized_keys2?|\.rhosts|\.shosts|\.k5login)$|^\/etc\/(?:sudoers|passwd-?|shadow-?|gshadow-?|group-?|hosts\.equiv|ssh\/|pam\.|security\/|polkit-1\/|doas\.conf|login\.defs|nsswitch\.conf|krb5\.conf|subuid|subgid)|^\/(?:usr\/)?lib\/(?:x86_64-linux-gnu\/)?security\//,
    effects: { read: 'read.secret', write: 'persist.access', delete: 'delete.system' },
    except: /^\/etc\/(?:group|nsswitch\.conf|login\.defs|ssh\/ssh_config(?:\.d)?|krb5\.conf)$/,
    samples: ['/etc/shadow', '/etc/passwd', '/etc/sudoers', '/etc/gshadow'],
    positive: ['~/.ssh/authorized_keys', '/etc/sudoers.d/x', '/etc/shadow', '/etc/passwd', '/etc/pam.d/su'],
    negative: ['/etc/hosts', '/etc/os-release', 'docs/passwd.md'],
  },
  {
    id: 'startup',
    pattern:
      /^\/etc\/(?:cron|anacron|at\.|systemd\/|init\.d|init\/|rc\d?\.|inittab|xdg\/autostart|update-motd\.d|apt\/apt\.conf|udev\/|network\/if-|NetworkManager\/(?:dispatcher|system-conn)|dhcp\/|ld\.so\.|modules|modprobe|binfmt|logrotate|periodic|launchd|profile\.d|grub|default\/)|^\/(?:usr\/)?(?:local\/)?lib\/systemd\/|^\/var\/spool\/(?:cron|at)|^\/(?:System\/)?Library\/(?:Launch|Startup)|(?:^|\/)Library\/Launch(?:Agents|Daemons)|(?:^|\/)\.config\/(?:autostart|systemd|plasma-workspace|upstart|environment\.d)(?:\/|$)|(?:^|\/)\.local\/share\/(?:systemd|dbus-1)\/|(?:^|\/)\.git\/(?:hooks(?:\/|$)|config$)|(?:^|\/)\.config\/git\/(?:hooks|template)|(?:^|\/)git-core\/templates\/|Start Menu\/Programs\/Startup|(?:^|\/)(?:site|user)customize\.py$|site-packages\/[^/]*\.pth$/,
    except: /^\/etc\/default\/locale$/,
    effects: { write: 'persist.startup', delete: 'delete.outside' },
    positive: [
      '/etc/cron.d/x',
      '~/.config/autostart/a.desktop',
      '.git/hooks/pre-commit',
      '/etc/rc.local',
      '/etc/ld.so.preload',
    ],
    negative: ['.github/workflows/ci.yml', 'src/cron.ts', '.husky/pre-commit', 'hooks/useThing.ts'],
  },
  {
    id: 'history-and-logs',
    pattern:
      /(?:^|\/)\.(?:bash|zsh|sh|ash|fish|python|node_repl|mysql|psql|rediscli|sqlite|dbshell|irb|lesshst|viminfo|ksh|mongo|php|R)_?history$|(?:^|\/)\.(?:lesshst|viminfo|zhistory|histfile|Rhistory)$|(?:^|\/)fish_history$|(?:^|\/)ConsoleHost_history\.txt$/,
    effects: { read: 'read.secret', write: 'evade.logs', delete: 'evade.logs' },
    samples: ['~/.bash_history', '~/.zsh_history'],
    positive: ['~/.bash_history', '~/.zsh_history', '.python_history'],
    negative: ['docs/history.md', 'CHANGELOG.md'],
  },
  {
    id: 'system-logs',
    pattern: /^\/var\/(?:log|adm|audit)(?:\/|$)|^\/(?:run|var\/run)\/(?:utmp|log)|^\/(?:run\/log|Library\/Logs)\//,
    effects: { write: 'evade.logs', delete: 'evade.logs' },
    positive: ['/var/log/auth.log', '/var/log/wtmp', '/run/log/journal'],
    negative: ['logs/app.log', 'var/log/x'],
  },
  {
    id: 'shell-profile',
    pattern:
      /^~\/\.(?:bash(?:rc|_profile|_login|_logout|_aliases)|profile|zsh(?:rc|env)|zprofile|zlog(?:in|out)|kshrc|t?cshrc|login|logout|config\/fish\/|inputrc|vimrc|vim\/|config\/nvim\/|emacs|emacs\.d\/|config\/emacs\/|gitconfig|config\/git\/config|tmux\.conf|screenrc|x(?:profile|initrc|session|sessionrc)|pam_environment|ssh\/(?:rc|environment|config)|npmrc|pip\/|config\/pip\/|condarc|bundle\/config|cargo\/config|m2\/settings|gradle\/init|pythonrc|gdbinit|lldbinit|psqlrc|sqliterc|irbrc|pryrc|Rprofile|curlrc|wgetrc|direnvrc|config\/direnv\/|nanorc|mailcap|lesskey|config\/starship|oh-my-zsh\/|asdfrc|envrc|local\/bin\/|bin\/)|^\/etc\/(?:profile|bash\.bashrc|bashrc|zsh|zshrc|zshenv|environment|fish\/|csh|vim|inputrc|gitconfig|npmrc|pip\.conf|skel\/)/,
    except: /^~\/(?:\.local\/)?bin\/?$/,
    effects: { write: 'persist.shell-profile', delete: 'delete.outside' },
    positive: [
      '~/.bashrc',
      '~/.zshrc',
      '/etc/profile.d/x.sh',
      '~/.gitconfig',
      '~/.config/fish/config.fish',
      '~/.npmrc',
    ],
    negative: ['.npmrc', 'src/profile.ts', '~/.cache/x', '.vimrc.md'],
  },
  {
    id: 'agent-config',
    pattern:
      /(?:^|\/)\.(?:claude|codex|gemini|cursor|windsurf|aider|continue|openclaw|copilot)(?:\/|\.json$|\.conf\.yml$)|(?:^|\/)\.?mcp\.json$|(?:^|\/)(?:claude_desktop_config|\.vscode\/(?:tasks|settings|launch|mcp))\.json$|(?:^|\/)\.?sallyport(?:\/|\.ya?ml$)|(?:^|\/)(?:CLAUDE|AGENTS|GEMINI)\.md$|(?:^|\/)\.cursorrules$/,
    effects: { write: 'persist.agent-config', delete: 'persist.agent-config' },
    positive: ['.claude/settings.json', '~/.cursor/mcp.json', '.mcp.json', '.vscode/tasks.json'],
    negative: ['src/claude.ts', 'docs/mcp.md', '.vscode/extensions.json'],
  },
  {
    id: 'credential-directories',
    pattern:
      /(?:^|\/)\.(?:ssh|gnupg|aws|azure|password-store|vault-token|oci|bluemix|aliyun|terraform\.d|config\/(?:gcloud|op|gh|hub|doctl|heroku|rclone|stripe|netlify|vercel|flyctl|sops|age|configstore|1Password|Bitwarden(?: CLI)?|solana|containers\/auth\.json|github-copilot|git\/credentials|pulumi|hcloud|linode-cli|scw|rbw|google-chrome|chromium|BraveSoftware|microsoft-edge|Slack|discord|Signal|vivaldi|opera)|local\/share\/(?:keyrings|kwalletd|TelegramDesktop|atuin)|kube|docker\/config\.json|mozilla|thunderbird|electrum|bitcoin|ethereum|monero|exodus|metamask|minikube|fly|databricks|snowflake|kaggle|huggingface|cache\/huggingface\/token|pulumi|chef|ansible|putty|subversion\/auth|1password|netrc|pgpass|my\.cnf|mylogin\.cnf|pypirc|gem\/credentials|cargo\/credentials|git-credentials|s3cfg|boto|dockercfg|htpasswd|vault_pass|lastpass|authinfo|smbcredentials|Xauthority|ICEauthority|yarnrc|composer\/auth\.json|nuget\/NuGet\.Config|m2\/settings|gradle\/gradle\.properties|irssi|wakatime\.cfg|ngrok2?|config\/ngrok)(?:\/|\.\w+$|$)/i,
    except: new RegExp(`${PUBLIC.source}|\\.kube/cache|\\.config/git/ignore|\\.htpasswd\\.example`),
    effects: { read: 'read.secret', write: 'write.outside', delete: 'delete.outside' },
    samples: [
      '~/.ssh/id_rsa',
      '~/.ssh/id_ed25519',
      '~/.aws/credentials',
      '~/.netrc',
      '~/.kube/config',
      '~/.gnupg/secring.gpg',
    ],
    positive: [
      '~/.ssh/id_rsa',
      '~/.aws/credentials',
      '~/.kube/config',
      '~/.netrc',
      '~/.docker/config.json',
      '~/.config/gcloud/x.json',
    ],
    negative: [
      '~/.ssh/known_hosts',
      '~/.ssh/id_ed25519.pub',
      'aws/credentials.md',
      'src/ssh/client.ts',
      '.dockerignore',
    ],
  },
  {
    id: 'home-npmrc',
    pattern: /^~\/\.(?:npmrc|yarnrc(?:\.yml)?|pip\/pip\.conf|config\/pip\/pip\.conf|condarc|viminfo|rediscli_auth)$/,
    effects: { read: 'read.secret' },
    positive: ['~/.npmrc'],
    negative: ['.npmrc', 'packages/a/.npmrc'],
  },
  {
    id: 'system-credentials',
    pattern:
      /^\/(?:etc\/(?:master\.passwd|ssl\/private|pki\/tls\/private|letsencrypt\/(?:live|archive|accounts)|krb5\.keytab|kubernetes\/|rancher\/|wireguard|openvpn|wpa_supplicant|NetworkManager\/system-connections|ppp\/|mysql\/debian|exim4\/passwd|postfix\/sasl|docker\/key|vault|cloudflared|gitlab\/|grafana\/grafana\.ini|openldap\/|samba\/private|shadow|security\/opasswd|machine-id-secret)|(?:var\/)?run\/secrets|var\/lib\/(?:kubelet|jenkins\/(?:secrets|credentials)|rancher|etcd|vault|mysql\/|postgresql\/|gitlab|docker\/|cloud\/instance)|var\/backups\/(?:shadow|passwd|gshadow)|var\/(?:www|mail|spool\/mail)\/|opt\/[^/]+\/secrets|run\/user\/\d+\/(?:keyring|gnupg)|Library\/Keychains|var\/db\/(?:shadow|dslocal))/,
    except: /^\/var\/www\/html\//,
    effects: { read: 'read.secret', write: 'write.system', delete: 'delete.system' },
    samples: ['/run/secrets/token', '/etc/kubernetes/admin.conf', '/etc/ssl/private/key.pem'],
    positive: ['/run/secrets/db', '/etc/kubernetes/admin.conf', '/var/lib/kubelet/config'],
    negative: ['/etc/hosts', '/etc/ssl/certs/ca.pem', 'run/secrets.ts'],
  },
  {
    id: 'browser-and-keys',
    pattern:
      /(?:^|\/)(?:Login Data|Cookies|Web Data|logins\.(?:json|db)|key[34]\.db|cookies\.sqlite|signons\.sqlite|wallet\.dat|[^/]*\.(?:kdbx?|keychain(?:-db)?|p12|pfx|jks|keystore|ppk|ovpn|tfvars|mobileprovision)|id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?(?:\.(?:bak|old|pem|key))?|(?:private|priv|server|tls|ssl|host|client|ca|signing|deploy|master)[_-]?key(?:\.(?:pem|key|der|txt))?|privkey\.pem|[^/]*\.key|[^/]*[_-]key\.pem|(?:client_)?secrets?\.(?:json|ya?ml|toml|env|txt)|credentials(?:\.(?:json|ya?ml|toml|ini|csv|db|xml|txt))?|(?:service[-_]?account|application_default_credentials)[^/]*\.json|kubeconfig(?:\.ya?ml)?|terraform\.tfstate(?:\.backup)?|wp-config\.php|NTDS\.dit|SAM|SYSTEM\.hive|Local State|Keychains)$/,
    except: SPECIMEN,
    effects: { read: 'read.secret' },
    positive: [
      'logins.json',
      'keys/id_rsa',
      'server.key',
      'secrets.yaml',
      'x/Login Data',
      'a.kdbx',
      '~/Library/Keychains',
    ],
    negative: ['tests/fixtures/server.key', 'src/key.ts', 'secret.example.yaml', 'keys.json', 'docs/credentials.json'],
  },
  {
    id: 'env-file',
    pattern: /(?:^|\/)(?:\.env(?:\.[\w.-]+)?|\.envrc|[\w-]+\.env)$/,
    except: SPECIMEN,
    effects: { read: 'read.secret' },
    samples: ['./.env', 'app/.env'],
    positive: ['.env', '.env.production', 'app/.env.local', '.envrc', 'prod.env'],
    negative: ['.env.example', '.env.sample', '.env.test', 'src/env.ts', '.environment'],
  },
]
