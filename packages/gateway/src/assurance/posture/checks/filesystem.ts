import { POSTURE_SEVERITIES, type PostureSeverity } from '@sallyport/core'
import type { FileFact, FileRole, FilesFacts } from '../facts.ts'
import { check, foundOr, type Found, type PostureCheck } from '../check.ts'
import { counted } from '../words.ts'

const octal = (mode: number): string => (mode & 0o777).toString(8)

interface Opening {
  readonly severity: PostureSeverity
  readonly what: 'change' | 'read'
  /** `others` is everybody, `group` the accounts of one group. */
  readonly who: 'others' | 'group'
}

const OTHERS = 0o007
const GROUP = 0o070

/** What others may do to a file by its mode, and how bad that is for its role; undefined where it is as it should be. */
function openingOf({ role, mode }: FileFact): Opening | undefined {
  const { write, read } = WEIGHT[role]
  if ((mode & OTHERS & 0o022) !== 0) return { severity: write, what: 'change', who: 'others' }
  if ((mode & GROUP & 0o022) !== 0) return { severity: milder(write), what: 'change', who: 'group' }
  if (read === undefined) return undefined
  if ((mode & OTHERS) !== 0) return { severity: read, what: 'read', who: 'others' }
  return (mode & GROUP) === 0 ? undefined : { severity: milder(read), what: 'read', who: 'group' }
}

/** A group is known; everybody is not. */
const milder = (severity: PostureSeverity): PostureSeverity =>
  POSTURE_SEVERITIES[POSTURE_SEVERITIES.indexOf(severity) + 1] ?? 'info'

/** Severity of what others can write or read, by role; `read` is absent for what everybody may know. */
const WEIGHT: Readonly<Record<FileRole, { readonly write: PostureSeverity; readonly read?: PostureSeverity }>> = {
  key: { write: 'critical', read: 'critical' },
  state: { write: 'critical', read: 'high' },
  socket: { write: 'critical', read: 'high' },
  login: { write: 'critical', read: 'high' },
  log: { write: 'high', read: 'medium' },
  config: { write: 'critical' },
  policy: { write: 'high' },
}
/** Bits that a repair takes away. */
const BITS: Readonly<Record<FileRole, number>> = {
  ...{ key: 0o077, state: 0o077, socket: 0o077, login: 0o077, log: 0o077 },
  ...{ config: 0o022, policy: 0o022 },
}

const WHO = { others: 'Other accounts of this machine', group: 'Accounts of its group' } as const

const openOf = (roles: readonly FileRole[], { files }: FilesFacts): readonly Found[] =>
  files.flatMap((file): Found[] => {
    if (!roles.includes(file.role) || file.isLink) return []
    const opening = openingOf(file)
    if (opening === undefined) return []
    const { path, mode, role } = file
    return [
      {
        ...{ severity: opening.severity, subject: path, file: path },
        detail: `${WHO[opening.who]} can ${opening.what} it (mode ${octal(mode)}).`,
        remediation: `chmod ${octal(mode & ~BITS[role])} '${path}'`,
        fix: { kind: 'mode', path, mode: mode & 0o777 & ~BITS[role] },
      },
    ]
  })

const MODES: readonly (readonly [id: string, roles: readonly FileRole[], title: string, why: string])[] = [
  [
    ...(['fs.keys_open', ['key'], 'Keys of the gateway are its own alone.'] as const),
    'Whoever has the keys signs approvals and writes a log that verifies.',
  ],
  [
    ...(['fs.state_open', ['state', 'socket'], 'State and sockets of the gateway are its own alone.'] as const),
    'Other accounts read what agents did, or speak to the gateway as its operator.',
  ],
  [
    ...(['fs.config_open', ['config'], 'Nobody else can write the configuration.'] as const),
    'Whoever writes the configuration decides what is allowed.',
  ],
  [
    ...(['fs.policy_open', ['policy'], 'Nobody else can write the policies.'] as const),
    'Whoever writes the policies decides what is allowed.',
  ],
  [
    ...(['fs.login_open', ['login'], 'What the gateway logs in with can be read by it alone.'] as const),
    'Other accounts could log in to the store of secrets.',
  ],
  [
    ...(['fs.log_open', ['log'], 'The log of operation is the gateway’s own.'] as const),
    'Logs name agents, tools and hosts.',
  ],
]

/** Every severity that files of these roles may have. */
function severitiesOf(roles: readonly FileRole[]): readonly PostureSeverity[] {
  const all = roles.flatMap((role) => Object.values(WEIGHT[role]).flatMap((one: PostureSeverity) => [one, milder(one)]))
  return POSTURE_SEVERITIES.filter((severity) => all.includes(severity))
}

const modeCheck = ([id, roles, title, why]: (typeof MODES)[number]): PostureCheck =>
  check({
    ...{ id, category: 'filesystem', severities: severitiesOf(roles), title, why },
    requirements: ['ND-7.1.b', 'T-057'],
    remediation: 'Take the rights of others away with chmod.',
    needs: ['files'],
    run: ({ files }) =>
      foundOr(openOf(roles, files), counted(files.files.filter(({ role }) => roles.includes(role)).length, 'file')),
  })

export const FILESYSTEM_CHECKS = [
  ...MODES.map(modeCheck),
  check({
    ...{ id: 'fs.owner', category: 'filesystem', severities: ['critical'], requirements: ['ND-7.1.b', 'T-057'] },
    title: 'Files of the gateway belong to its account.',
    why: 'Whoever owns a file can change it and its mode at any time.',
    remediation: 'chown it, or find out who made it.',
    needs: ['files'],
    run: ({ files: { files, uid } }) =>
      foundOr(
        uid < 0
          ? []
          : files
              .filter((file) => file.uid !== uid && file.uid !== 0)
              .map(({ path, uid: owner }): Found => ({
                ...{ severity: 'critical', subject: path, file: path, detail: `It belongs to the account ${owner}.` },
              })),
        counted(files.length, 'file'),
      ),
  }),
  check({
    ...{
      id: 'fs.symlink',
      category: 'filesystem',
      severities: ['high', 'medium'],
      requirements: ['ND-7.1.b', 'T-057'],
    },
    title: 'No file of the gateway is a link.',
    why: 'Who can change where a link leads puts another file in the place of this one.',
    remediation: 'Put the file itself there.',
    needs: ['files'],
    run: ({ files: { files } }) =>
      foundOr(
        files
          .filter(({ isLink }) => isLink)
          .map(({ path, role }): Found => ({
            ...{ severity: role === 'config' || role === 'policy' ? 'medium' : 'high', subject: path, file: path },
            detail: 'It is a symbolic link.',
          })),
        counted(files.length, 'file'),
      ),
  }),
  check({
    ...{ id: 'fs.path', category: 'filesystem', severities: ['high'], requirements: ['ND-7.1.b', 'T-016'] },
    title: 'Nobody else can write a directory above the state of the gateway.',
    why: 'Whoever writes a directory above can put another state in the place of this one.',
    remediation: 'Let nobody else own or write these directories, or move the state with --state.',
    needs: ['files'],
    run: ({ files: { unsafePath } }) =>
      foundOr(
        unsafePath === undefined ? [] : [{ severity: 'high', subject: 'state directory', detail: unsafePath }],
        'Directories above the state are closed to others',
      ),
  }),
  check({
    ...{ id: 'fs.synced', category: 'filesystem', severities: ['high', 'medium'], requirements: ['ND-7.1.b'] },
    title: 'Nothing of the gateway lies in a folder that is copied to other machines.',
    why: 'Keys and records would be on every machine of that account, and come back from there as somebody changed them.',
    remediation: 'Move it out of the synced folder (--state, --config).',
    needs: ['files'],
    run: ({ files: { synced } }) =>
      foundOr(
        synced.map(({ path, service }): Found => ({
          ...{ severity: path.endsWith('.yaml') ? 'medium' : 'high', subject: path, file: path },
          detail: `${service} copies this folder.`,
        })),
        'No folder of ours is synced',
      ),
  }),
  check({
    ...{ id: 'fs.in_workspace', category: 'filesystem', severities: ['high'], requirements: ['ND-7.1.b', 'T-057'] },
    title: 'State and configuration lie outside of every workspace.',
    why: 'Agents work there: what they write would be the gateway’s own.',
    remediation: 'Use the default places, or --state and --config outside of every workspace.',
    needs: ['files'],
    run: ({ files: { inWorkspace } }) =>
      foundOr(
        inWorkspace.map(({ path, workspace }): Found => ({
          ...{ severity: 'high', subject: path, file: path, detail: `It lies in the workspace ${workspace}.` },
        })),
        'No workspace holds files of the gateway',
      ),
  }),
]
