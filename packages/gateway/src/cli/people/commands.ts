import type { CommandSpec } from '../command.ts'

const AS = ['--as <operator>', 'which operator you are, when there are several'] as const
const ROLES = 'comma-separated: viewer, operator, approver, policy, admin'

export const peopleCommands: readonly CommandSpec[] = [
  { path: 'people ls', summary: 'list people with roles and when they were last here', load: () => import('./ls.ts') },
  {
    path: 'people add',
    summary: 'let a person use this gateway; needs your proof of presence',
    arguments: [['<name>', '1 to 32 characters of a-z, 0-9, ".", "_", "-"']],
    options: [['--role <list>', `${ROLES}; default viewer`], AS],
    load: () => import('./add.ts'),
  },
  {
    path: 'people role',
    summary: 'set the roles of a person; needs your proof of presence',
    arguments: [
      ['<name>', 'the person'],
      ['<roles>', ROLES],
    ],
    options: [AS],
    load: () => import('./role.ts'),
  },
  {
    path: 'people remove',
    summary: 'take a person’s access away; sessions, PIN and passkeys end at once',
    arguments: [['<name>', 'the person']],
    options: [AS],
    load: () => import('./remove.ts'),
  },
  {
    path: 'setup-link',
    summary: 'make a one-time link with which a browser claims this gateway, or a person makes their first passkey',
    options: [['--for <name>', 'a person without a passkey; needs your proof of presence'], AS],
    load: () => import('./setup-link.ts'),
  },
  { path: 'login ls', summary: 'list sessions of people in the console', load: () => import('./login-ls.ts') },
  {
    path: 'login end',
    summary: 'end sessions in the console, at once and everywhere',
    arguments: [['[id]', 'one session']],
    options: [['--person <name>', 'all sessions of this person']],
    load: () => import('./login-end.ts'),
  },
]
