import { near, nameSkeleton, SallyportError } from '@sallyport/core'
import { collision } from '../registry/member-paths.ts'
import type { Bundle } from './bundle.ts'

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
/** Names that file systems or programs take for something else. */
const TAKEN = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)|\.\.|\.$/i

/** Bytes of one skill, unpacked (SYS-9), and files of it. */
const LARGEST = 50_000_000
const MOST_FILES = 5_000
const LONGEST_PATH = 400

/** @throws SallyportError SP_SKILL_NAME */
export function requireSkillName(name: string): string {
  if (NAME.test(name) && !TAKEN.test(name)) return name
  throw new SallyportError('SP_SKILL_NAME', `The name ${JSON.stringify(name.slice(0, 80))} cannot be used.`)
}

/**
 * Paths stay inside their folder on every file system, no two of them are one on some, and the whole is bounded (T-145, SYS-9).
 * @throws SallyportError SP_SKILL_NAME, SP_SKILL_BUNDLE
 */
export function requireBundle({ name, files }: Bundle): void {
  requireSkillName(name)
  if (files.length === 0) refuse('It has no files.')
  if (files.length > MOST_FILES) refuse(`It has ${files.length} files; ${MOST_FILES} are taken.`)
  let size = 0
  for (const { path, bytes } of files) {
    const fault = pathFault(path)
    if (fault !== undefined) refuse(`${JSON.stringify(path.slice(0, 120))} ${fault}.`)
    size += bytes.length
    if (size > LARGEST) refuse(`It is larger than ${LARGEST / 1_000_000} MB.`)
  }
  const doubled = collision(files.map(({ path }) => path))
  if (doubled !== undefined)
    refuse(`${JSON.stringify(doubled)} is there twice for some file systems, or is a file and a folder.`)
}

function pathFault(path: string): string | undefined {
  if (path.length > LONGEST_PATH) return 'is too long'
  if (/^(?:\/|[A-Za-z]:)/.test(path) || path.includes('\\')) return 'is not a relative path with "/"'
  if (/[\u0000-\u001f\u007f]/.test(path)) return 'holds control characters'
  if (/\p{Surrogate}/u.test(path)) return 'is no text'
  const parts = path.split('/')
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return 'leaves its folder'
  if (parts.includes('__proto__')) return 'cannot be kept in JSON'
  if (parts.some((part) => Buffer.byteLength(part) > 250)) return 'has a part that is too long'
  return undefined
}

function refuse(why: string): never {
  throw new SallyportError('SP_SKILL_BUNDLE', why)
}

/** Shapes of a name: as it is written, and in small letters, where I is no l. */
const shapesOf = (name: string): readonly string[] => [nameSkeleton(name), nameSkeleton(name.toLowerCase())]

/** Whether two names are read as one (T-078). */
export const looksLike = (one: string, other: string): boolean =>
  shapesOf(one).some((shape, at) => shape === shapesOf(other)[at])

/** The installed skill that a new name would be taken for: looks like it, or is one letter off. */
export function imitatedSkill(name: string, installed: readonly string[]): string | undefined {
  const shape = nameSkeleton(name.toLowerCase())
  return installed.find((other) => {
    if (other === name) return false
    const its = nameSkeleton(other.toLowerCase())
    return looksLike(name, other) || (Math.min(shape.length, its.length) >= 4 && near(shape, its))
  })
}
