import { readProse, type Prose } from '../prose/read.ts'
import type { CodePiece } from '../text/markdown.ts'
import { hostsIn, isLocal } from '../text/hosts.ts'

/** The user is asked, or asks: in the words of a document, near the command. */
const CONSENT =
  /\b(?:ask|asks|show|shows|wait|waits|confirm\w*|check with|tell)\b[^.\n]{0,60}\b(?:user|first|yes|approv\w+|confirm\w*|agree\w*|before|wanted|wants?|permission|consent|them|each)\b|\b(?:after|once|if|when|unless|only)\b[^.\n]{0,30}\b(?:yes|user|they|owner|approv\w+|agree\w*|confirm\w*)\b[^.\n]{0,40}\b(?:yes|wants?|asks?|asked|agrees?|agreed|approves?|approved|confirms?|confirmed|wish\w*|requests?|requested|says (?:so|["“'`]?remember)|names?|dictates?)\b|\b(?:after|with|on) (?:a |the |their |an )?(?:yes|approval|consent|permission|user'?s? (?:request|wish|consent|approval|permission|yes))\b|\b(?:optional(?:ly)?|if (?:you|they) (?:want|like|wish)|when asked|on request|by hand)\b|pregunt\w+|aprob\w+|permiso|lo pid[ea]|si el usuario|zustimm\w+|erlaubnis|auf wunsch|frag\w* (?:den|die|vorher|nach)|wenn der nutzer|demand\w+ (?:à|si|d'abord|l')|accord\b|autorisation|si l'utilisateur|permiss[aã]o|pergunt\w+|se o (?:utilizador|usu[aá]rio)|confer\w+|chied\w+|se l'utente|確認|許可|同意|征得|询问|спрос\w+|соглас\w+|разреш\w+/i

/** How to take it back is described. */
const UNDO =
  /\b(?:to (?:remove|undo|stop|uninstall|disable|revert|turn) (?:it|this|them|the \w+)|uninstall\w*|undo\b|roll(?:ing)? ?back|remove (?:it|them) (?:again|later)|--unset|disable --now|systemctl (?:--user )?(?:stop|disable)|crontab -r|launchctl (?:unload|bootout))|desinstal\w+|deinstall\w+|entfernen|d[ée]sinstall\w+|disinstall\w+|アンインストール|卸载|удал\w+/i

/** A place of a text in whose paragraph the user is asked. */
export const isAskedNear = (text: string, start: number, end: number): boolean =>
  new RegExp(`${CONSENT.source}|${UNDO.source}`, 'i').test(
    `${text.slice(Math.max(0, start - 300), start).replace(/^[^]*\n\s*\n/, '')}${text.slice(start, end)}${text.slice(end, end + 300).replace(/\n\s*\n[^]*$/, '')}`,
  )

/** What is everyday in a shell profile or a hook of a repository, where it brings nothing from elsewhere. */
const HOMELY =
  /\b(?:alias\s+[\w.-]+=|export\s+\w+=|eval\s+"?\$\([\w.-]+ (?:hook|init|completion|env|shellenv|activate)\b|\b(?:completion|completions)\b|source\s+<\([\w.-]+ completion|setopt|fpath|compinit)|\.husky\/|\.githooks\/|\.git\/hooks\/|pre-?commit\b|core\.hookspath|\.envrc\b|crontab\s+-[el]\b|daemon-reload|--unset\b|systemctl\s+(?:status|list)|systemctl\s+(?!--user)(?:enable|start|restart)\b|ssh-copy-id|_?id_\w+\.pub|\bchsh\b|com\.apple\.(?:dock|finder|screencapture)|NSGlobalDomain/i

/** Findings about what a user may want done on their own machine. */
const OF_THE_USER =
  /^(?:persistence\.(?:startup-changed|access-granted)|harm\.(?:destruction|deletes-outside|deletes-computed)|obfuscation\.hidden-run|exfiltration\.credential-read)$/
/** Of these also without a word of consent, where what is set up is everyday. */
const EVERYDAY =
  /^(?:persistence\.(?:startup-changed|access-granted)|obfuscation\.hidden-run|exfiltration\.credential-read)$/

const BRINGS =
  /\b(?:curl|wget|nc|ncat|iwr|irm|Invoke-WebRequest|urlopen|base64)\b|\/dev\/tcp|\b(?:python\d?|perl|ruby)\s+-[ce]\b|\bnode\s+-e\b|(?:^|[\s"'])(?:\/tmp|\/var\/tmp|\/dev\/shm)\/|\/\.[\w-]+\/\.|ssh-(?:rsa|ed25519|dss)\s+AAAA/

const NEAR_BEFORE = 700
const NEAR_AFTER = 500

/** A text that keeps nothing from the user and does nothing unasked. */
export const isOpen = (prose: Prose): boolean =>
  !prose.sentences.some(({ hits }) =>
    ['secrecy', 'conceal', 'no-approval', 'outlives', 'x-hide'].some((id) => hits.has(id)),
  )

/**
 * Whether a command of a document is something that the user asked for or is asked about: a hook of a repository, a line of cron, an alias, a
 * deletion that is confirmed (HB-33). Never where the command brings code from elsewhere, or where the text keeps anything from the user.
 */
export function agreement(text: string): (piece: CodePiece, ruleId: string) => boolean {
  let open: boolean | undefined
  return (piece, ruleId) => {
    if (!OF_THE_USER.test(ruleId) || BRINGS.test(piece.text)) return false
    if (hostsIn(piece.text).some(({ host }) => !isLocal(host)) && ruleId.startsWith('persistence.')) return false
    const near = text.slice(Math.max(0, piece.start - NEAR_BEFORE), piece.end + NEAR_AFTER)
    const agreed = CONSENT.test(near) || UNDO.test(text) || (EVERYDAY.test(ruleId) && HOMELY.test(piece.text))
    return agreed && (open ??= isOpen(readProse(text)))
  }
}
