// docs/reference/sandbox.md from the profiles and the view.
import { SANDBOX_PROFILES } from '../../packages/core/src/sandbox/profile.ts'
import { CHANGED_LATER } from '../../packages/core/src/sandbox/copy/obeyed.ts'
import { SHOWN_OF_ETC } from '../../packages/gateway/src/execution/sandbox/view.ts'
import { cell, code, GENERATED, table } from './markdown.mjs'

const MEANINGS = {
  workspace:
    'what the command may do to the workspace: `none` (not shown), `ro`, `rw`, `copy` (writes to a private copy, whose changes land afterwards or do not)',
  network:
    '`none`: not even sockets of the internet; `loopback`: those of the sandbox’s own, which lead nowhere; `allowlist`: a proxy there opens tunnels to `allowedHosts`',
  allowedHosts:
    'for `allowlist`: `host`, `host:port`, `*.domain` (not the domain itself), `host:*`; port 443 by itself',
  blockedHosts: 'refused even where `allowedHosts` names it',
  seccomp:
    '`default` (no internet sockets), `network`, `learn` (refuses nothing, tells the kernel’s log), or a file in the JSON form of Docker',
  'limits.processes': 'processes and threads',
  'limits.memory': 'bytes; of the whole sandbox where control groups can be made, else of each process',
  'limits.cpus': 'processors; in force where control groups can be made',
  'limits.openFiles': 'descriptors of one process',
  'limits.fileSize': 'bytes of one file',
  'limits.tmpSize': 'bytes of `/tmp`, `/var/tmp` and the home directory, each',
  'limits.copySize': 'bytes of all files, for `workspace: copy`; before the command and after it',
  'limits.copyEntries': 'files, directories and links, for `workspace: copy`; before the command and after it',
  'limits.seconds': 'time until everything is ended; 0: none',
  env: 'names of variables that are passed on; none else is',
  readable: 'absolute paths of the host that are shown read-only, beside the system’s own',
}

const BACKENDS_HEAD = ['', '`bubblewrap`', '`crun`', '`runsc`', '`docker`']
const BACKENDS = [
  ['kernel', 'the host’s', 'the host’s', 'its own (gVisor)', 'the host’s'],
  ['who may start it', 'root, users', 'root, users', 'root', 'whoever may use the engine’s socket'],
  [
    'namespaces, uid, no new privileges',
    'looked at',
    'looked at',
    'looked at, of its two processes',
    'looked at; no namespace of users',
  ],
  ['capabilities', 'looked at', 'looked at', 'not verified from outside', 'looked at'],
  [
    'filter of system calls',
    'looked at',
    'looked at, the same program',
    'not verified from outside; its file server’s is',
    'looked at, the same program',
  ],
  [
    'shown paths: inode, read-only',
    'looked at',
    'looked at',
    'looked at, at its file server',
    'looked at, and that there is nothing else',
  ],
  ['only a loopback', 'looked at', 'looked at', 'looked at, of its two processes', 'looked at'],
  [
    'memory and processors',
    'control group, as root',
    'control group, as root',
    'control group',
    'control group of the engine, looked at',
  ],
  [
    'processes',
    'own count',
    'own count',
    'own count with 100 more for gVisor',
    'control group of the engine, looked at',
  ],
  ['network `allowlist`', 'yes', 'yes', 'no: it does not start', 'yes'],
]

const valueOf = (profile, member) => member.split('.').reduce((value, name) => value[name], profile)

export function sandboxPage() {
  const profiles = Object.values(SANDBOX_PROFILES)
  const rows = Object.entries(MEANINGS).map(([member, meaning]) => [
    code(member),
    ...profiles.map((profile) => code(JSON.stringify(valueOf(profile, member)))),
    cell(meaning),
  ])
  return `# Sandbox

${GENERATED}

\`sallyport sandbox exec\`, the stdio servers of the configuration and the commands of \`servers.NAME.commands\` run in one. \`sallyport sandbox probe\` tries to get out of one on your machine.

## Profiles

A profile is one of these names, a YAML or JSON file, or (for a server) its members in place. A file names the profile it starts from with \`extends\` (default: \`tool\`); members that it does not name keep that profile's value. An unknown member is an error.

${table(['member', ...profiles.map(({ name }) => code(name)), 'meaning'], rows)}

## What every sandbox has, whatever its profile

${table(
  ['default', 'effect'],
  [
    ['all namespaces are new', 'no process, network, host name, shared memory, mount or control group of the host'],
    [
      'an allow-listed root, read-only',
      'of the host: `/usr`, Node, what the profile names, and of `/etc` ' + SHOWN_OF_ETC.map(code).join(', '),
    ],
    ['no capability, no new privileges', 'set-user-id programs change nothing'],
    [
      'as root: a uid of its own',
      'nothing outside belongs to it; the workspace is mapped, so that its files keep their owner',
    ],
    ['a filter of system calls', 'calls that nobody names, and new ones, are refused; `rules/seccomp` holds the lists'],
    ['private `/tmp`, `/var/tmp`, `/dev/shm`, `/run` and home', 'gone with the sandbox'],
    ['`/proc/sys` read-only, parts of `/proc` masked, no `/sys`', 'nothing of the kernel can be set or read out'],
    ['a clean environment and three descriptors', 'no secret of whoever starts it goes in by accident'],
    [
      'files that something runs later, read-only',
      'in a writable workspace, where they exist: ' +
        CHANGED_LATER.map((name) => code(name.replace(/\/$/, ''))).join(', '),
    ],
    [
      'a gate',
      'it is made, looked at from outside, and only then let go; a wall that is missing means exit 125 and nothing run',
    ],
  ].map((row) => row.map(cell)),
)}

## Work on a copy

With \`workspace: copy\` (profile \`edit\`) the command sees a private copy of the workspace at the workspace's own path. Give it to command tools that write: \`servers.NAME.sandbox: edit\`. A server that stays cannot have one. \`--json-status\` says how the copy was made: \`reflink\` where the file system shares blocks, else \`plain\`. It lies in the state directory, where nobody else gets to, and is removed afterwards; what a killed gateway left is removed at its next start. Links are copied and not followed; sockets, pipes, devices, set-id bits, extended attributes, names that are not UTF-8 and what cannot be read stay behind.

When the command has ended by itself, the copy is compared with what was copied, and each path is \`added\`, \`changed\`, \`deleted\`, \`mode\` or \`link\`. Then it is decided whether that lands, all of it or nothing:

1. Some changes never land: files that something runs later (the list above, in any directory, in any case, also when they were not there), what such a name leads to through a link, a directory that git would take for a repository, links that lead out of the workspace or are absolute, set-id files, and what is no file, directory or link.
2. In a gateway, policy decides once more about the call, with the changed files among its paths (\`context.facts.paths\`, \`places\`, \`protected\` …). What it denies does not land; nor what it asks about, unless a human answered that very rule before the call.
3. In a gateway, new lines of text files go past the injection detectors. What \`content.gate\` blocks or cleans for \`group:fs\` is refused here, because nothing can be taken out of a file. More than 1 MiB of new text in one file, or 8 MiB in all, is not read and does not land. Secrets are noted by family. The verdict, the paths and the digests are in the log (kind \`gateway\`, event \`landing\`) before anything lands. The answer of the tool has \`landed\`, \`changes\` and, when nothing landed, \`landing.reason\`.
4. With \`sandbox exec\` a table is shown, and it lands only with \`--apply\` and exit code 0. What was to land and did not is exit code 125.
5. A path that is not what it was when the copy was taken is a conflict: nothing lands, and it is named.

Everything is written to \`.sallyport-landing\` in the workspace first, so that a full disk is noticed before anything is touched. Then it is put into place name by name, without following a link; originals are kept until the last one, and an error puts them back. A landing whose program was killed is taken back at the next start. Others may see some of the changes before the rest. A changed file is a new one: its other names (hard links), attributes and access lists stay with the old one.
## Backends

\`--backend\` (and \`sandbox.mode\` of the configuration) says what makes it: \`process\` is bubblewrap; \`container\` is crun, else runsc, else a Docker engine; \`auto\` the first of the four that can make one here. Where none can, nothing runs. Profiles, view, limits, uid, gate and probes are the same. The OCI runtimes have the uid of the sandbox and no right of root; their bundle lies in \`/run/sallyport-oci\` (for a user in the directory for temporary files) while the sandbox runs.

${table(BACKENDS_HEAD, BACKENDS)}

- **runsc (gVisor)** is a kernel of its own, so bugs of the host's kernel are not below what runs in it. What is seen from the host are its kernel's process and its file server; what it does inside is gVisor's word, and \`--json-status\` lists it under \`unverified\`. It has no way out to hosts. Too many processes end the whole sandbox. Versions before 2023 do not know what \`ls\` of coreutils 9 asks. A socket that is given as a stream is shut down with the sandbox for everybody who has it.
- **crun** does not start where both versions of control groups are mounted; as root that is hidden from it, a user needs a machine with one.
- **A shell** has no job control with crun, runsc and docker.
- **AppArmor**: where the kernel has it, load \`rules/apparmor/sallyport-sandbox\` with \`apparmor_parser -r\`; crun then uses it. Not verified: no machine of the test suite has AppArmor.
- **docker** asks the engine of this machine at its socket (\`DOCKER_HOST=unix://…\`, else \`/var/run/docker.sock\`), never through the \`docker\` program: contexts, plugins and proxies of an account have no say, and an engine elsewhere is refused. Whoever may use that socket is root of the machine already. The root is an image made here (\`sallyport-root\`, links only; nothing is fetched), everything else is mounted. The engine is told neither the command nor its environment: these, the descriptors and the filter of system calls go past it through a socket that is shut before anything runs, so \`docker inspect\` and the engine's logs hold none of it, and an engine that stops takes nothing from what runs. As root the workspace is mapped like with the others and mounted below \`/run/sallyport-shown\` while the container is made, so the engine must see the mounts of the gateway. A container has no namespace of users; \`--json-status\` says so under \`unverified\`. Engines that map users (rootless, \`userns-remap\`) start nothing. File systems mounted below a shown path are not shown. Containers carry the label \`sallyport.maker\`; those whose gateway is gone are removed at the next start. Tried with engine 20.10, runc 1.1 and control groups of version 1.

## The way out

With \`network: allowlist\` (or \`--allow HOST\`) a proxy answers on port 3128 of the sandbox's own loopback, and \`HTTPS_PROXY\` and its kin say so. It opens tunnels (CONNECT) to hosts of the list and answers everything else with 403 and the reason in \`x-sallyport-deny\`; there is no other way out. The listener is made inside, so whoever connects to it is that sandbox: there is no password to steal. Names are resolved outside, once, and only when they are listed; an inner address is reached only where the list names it in figures, and metadata services never. Each attempt of a server's sandbox is in the log (kind \`egress\`) before it is answered; \`sandbox exec\` says what it refused. With \`none\` and \`loopback\` there is nothing to ask, so nobody is told of attempts: to see them, use \`allowlist\` with an empty list. Node's own \`fetch\`, \`http\` and \`https\` use it in every version, by a file that \`NODE_OPTIONS\` loads; programs that read neither reach nothing. \`localhost\`, \`127.0.0.1\` and \`::1\` are the sandbox's own (\`NO_PROXY\`), unless the list or a credential names a host outside by one of them.

## What it does not hold

- **What you run later.** Your own build, tests and scripts run what a command wrote. With \`rw\`, names that something obeys unasked (\`.vscode\`, \`.envrc\`, hooks, a configuration of git that names programs) and that were not there when it started can be made; when it ends they get another name (\`.from-sandbox\`) and are named, but while it runs they are there. A repository further down in the workspace, and files that a repository's own configuration names (\`core.hooksPath\`, \`include.path\`), are not guarded.
- **A copy costs.** Every file is read once before the command runs and once more when it changed. While it runs only the size of each file is bounded, so a command can fill the disk that the state directory lies on. As root, the state directory needs a file system with idmapped mounts as well.
- **What lands is run by you.** \`package.json\`, \`Makefile\` and tests land like any text; the table and the log name them. Binary files are not read.
- **Neighbours in one workspace.** What one sandbox may write, another that works on the same directory may read and replace. A Unix socket of the host that lies in the workspace can be connected to.
- **The three streams.** A file that you give as a stream can be reopened by the command, for writing too when your account may write it.
- **Memory, as an ordinary user.** The bound is that of private memory of one process; shared memory is not in it. As root, a control group bounds the whole.
- **Disk.** One file is bounded, all files together in the workspace are not.
- **As root, on file systems without idmapped mounts** (overlayfs, some network ones) nothing starts; run it as an ordinary user there.
- **The kernel.** Namespaces and a filter share it with the host; its bugs are below both.

Bounds that a machine cannot enforce are reported: \`--json-status\` says which control groups, process limit and memory limit are in force.
`
}
