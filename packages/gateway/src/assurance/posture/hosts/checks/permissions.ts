import { dirname, relative } from 'node:path'
import type { PostureFinding, PostureSeverity } from '@sallyport/core'
import type { HostFiles, LookedFile } from '../files.ts'

export interface Access {
  readonly files: HostFiles
  readonly home: string
  readonly project?: string
  readonly platform: NodeJS.Platform
  /** The account that the hosts run as. */
  readonly uid: number
}

/** Who else could change a file, the folder that it lies in, or what a link leads to. Each path once. */
export function createAccessCheck(
  access: Access,
): (subject: string, file: LookedFile, project: boolean) => Promise<readonly PostureFinding[]> {
  const seen = new Set<string>()
  return async (subject, file, project) => {
    const found: PostureFinding[] = []
    if (access.platform === 'win32') return found
    const paths = [file.path, ...foldersAbove(file.path, access)]
    if (file.target !== undefined) paths.push(file.target, dirname(file.target))
    for (const path of paths) {
      if (seen.has(path)) continue
      seen.add(path)
      const looked = path === file.path ? file : await access.files.look(path, false)
      found.push(...writable(subject, looked, access, project))
      if (looked.target !== undefined && path !== file.target) found.push(link(subject, path, looked.target, access))
    }
    return found
  }
}

/** The folder of a file, and those above it up to the home directory or project: who can write one can put another file in its place. */
function foldersAbove(path: string, { home, project }: Access): readonly string[] {
  const folders = [dirname(path)]
  const within = (top: string): boolean => !relative(top, path).startsWith('..')
  const top = [project, home].find((one) => one !== undefined && within(one))
  for (let at = dirname(path); top !== undefined && at !== top && at !== dirname(at); at = dirname(at))
    folders.push(dirname(at))
  return folders
}

function writable(
  subject: string,
  { path, mode, uid, state }: LookedFile,
  access: Access,
  project: boolean,
): readonly PostureFinding[] {
  if (state === 'absent' || state === 'unread') return []
  // others may make files in a sticky folder, but not replace this one
  const sticky = state === 'folder' && (mode & 0o1000) !== 0
  const found: PostureFinding[] = []
  const say = (severity: PostureSeverity, detail: string, fix: boolean): void =>
    void found.push({
      id: 'hosts.writable_by_others',
      severity,
      subject: `${subject}: ${path}`,
      detail,
      why: 'Whoever can write it chooses what the agent may do, and what runs as this account.',
      remediation: fix ? `chmod go-w '${path}'` : 'Find out who owns it, and take it back.',
      file: path,
      ...(fix ? { fix: { kind: 'mode', path, mode: mode & ~0o022 } as const } : {}),
    })
  if ((mode & 0o002) !== 0 && !sticky)
    say('critical', `Every account of this machine can write it (mode ${mode.toString(8)}).`, true)
  else if ((mode & 0o020) !== 0 && !sticky)
    say(project ? 'low' : 'medium', `Its group can write it (mode ${mode.toString(8)}).`, true)
  if (uid !== access.uid && uid !== 0) say('high', `It belongs to another account (uid ${uid}).`, false)
  return found
}

function link(subject: string, path: string, target: string, { home, project }: Access): PostureFinding {
  const outside = [home, project].every((top) => top === undefined || relative(top, target).startsWith('..'))
  return {
    id: 'hosts.writable_by_others',
    severity: outside ? 'medium' : 'info',
    subject: `${subject}: ${path}`,
    detail: `It is a link to ${target}${outside ? ', outside of the home directory and the project' : ''}.`,
    why: 'Whoever can write the place that it leads to chooses what the agent may do.',
    remediation: 'Keep the file itself in its place, or make sure that nobody else can write the other one.',
    file: path,
  }
}
