import type { Match } from './issued.ts'
import { isPlaceholder } from './placeholder.ts'
import { isRandom } from './verdict.ts'

/** After `://`: a user without spaces, colons and slashes, then a password up to the last `@` before a slash. */
const WITH_PASSWORD = /\/\/([^\s/:@"'<>?#`\\]{0,256}):([^\s/"'<>`\\]{1,512})@(?=[\w[$%{*.-])/dy
/** The same where the password holds slashes, as those of databases do; only before a host with port or path. */
const WITH_SLASH =
  /\/\/([^\s/:@"'<>?#`\\]{1,256}):([^\s"'<>`\\@]{4,256})@(?=[\w.-]{1,253}(?::\d{2,5})?(?:[/?\s"'`]|$))/dy
/** `https://TOKEN@host/`. */
const ONLY_USER = /\/\/([^\s/:@"'<>?#`\\]{20,512})@(?=[\w-]{1,63}\.)(?!\S{0,60}sentry)/dy
const WEB = /(?:https?|wss?)$/i
const SCHEME = /[a-z][a-z0-9+.-]{1,30}$/i

/** The password in the URL whose `://` is at `colon`; only it goes (E-79), the rest of the URL says where it leads. */
export function userinfoAt(text: string, colon: number, lenient: boolean): Match | undefined {
  const scheme = SCHEME.exec(text.slice(Math.max(0, colon - 32), colon))
  if (scheme === null) return undefined
  const found =
    attempt(WITH_PASSWORD, text, colon) ?? (WEB.test(scheme[0]) ? undefined : attempt(WITH_SLASH, text, colon))
  if (found === undefined) {
    const user = attempt(ONLY_USER, text, colon)
    const [start, end] = user?.indices?.[1] ?? [0, 0]
    if (user === undefined || !isRandom(user[1] ?? '', 20) || (!lenient && isPlaceholder(user[1] ?? '')))
      return undefined
    return { family: 'uri-userinfo', start, end }
  }
  const [, user = '', password = ''] = found
  const [start, end] = found.indices?.[2] ?? [0, 0]
  // `//host:8080?next=a@b`: a port.
  if (/^\d{1,5}(?:[?#;,]|$)/.test(password) && !/^\w{1,64}$/.test(user)) return undefined
  if (/^\d{1,5}[?#]/.test(password)) return undefined
  if (isPlaceholder(password) && !lenient) return undefined
  if (!lenient && password === user && password.length < 12) return undefined
  if (/^[*x.]+$/i.test(password)) return undefined
  return { family: 'uri-userinfo', start, end }
}

function attempt(pattern: RegExp, text: string, colon: number): RegExpExecArray | undefined {
  pattern.lastIndex = colon + 1
  return pattern.exec(text) ?? undefined
}
