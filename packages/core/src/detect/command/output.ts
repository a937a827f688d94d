import { mergeStreams, UNKNOWN, type Stream } from './flow.ts'
import type { Invocation } from './invocation.ts'

const TRANSFORMS =
  /^(?:base64|base32|basenc|uudecode|xxd|openssl|rev|tr|sed|awk|gawk|perl|gunzip|gzip|zcat|bzcat|xzcat|bunzip2|unxz|zstd|unzstd|xz|bzip2|lz4|brotli|od|hexdump|printf|cut|tac|iconv|jq|python\d*|ruby|php|node|gpg|age|recode|ascii2uni|uncompress|zlib-flate|dd|fold|sort|shuf|paste|column|head|tail|grep)$/
/** Their output says nothing about the machine or its files. */
const HARMLESS_OUTPUT =
  /^(?:date|uname|nproc|arch|seq|expr|basename|dirname|git|jq|node|npm|pnpm|yarn|python\d*|go|rustc|cargo|tput|getconf|mktemp|wc|sha256sum|md5sum|uuidgen|openssl|dpkg|lsb_release|sw_vers|which|command|pwd|realpath|echo|printf|true|test|docker|kubectl|helm|terraform|gh|nvm|sed|awk|tr|cut|head|tail|sort|grep|rustup|java|curl)$/

/** What a command prints, as far as it matters to the next one. */
export function outputOf(
  inv: Invocation,
  input: Stream,
  streams: readonly Stream[],
  inserted: Stream | undefined,
): Stream {
  const all = mergeStreams([
    input.text === '' ? UNKNOWN : input,
    ...streams,
    ...(inserted === undefined ? [] : [inserted]),
  ])
  const literal = inv.program === 'echo' || inv.program === 'printf' ? literalOutput(inv) : undefined
  const passes = inv.program === 'cat' || inv.program === 'tee' || inv.program === 'command'
  const reads = streams.some((stream) => stream.local)
  const network =
    all.network ||
    /^(?:curl|wget2?|https?|xhs?|fetch|aria2c|lynx|w3m|GET|lwp-request|nc|ncat|netcat|socat|ftp|tftp|scp|ssh|dig|nslookup|host)$/.test(
      inv.program,
    )
  const names =
    /^(?:find|fd|fdfind|git|rg|grep)$/.test(inv.program) || (inv.program === 'ls' && inv.operands.length > 0)
  return {
    text:
      literal ??
      (passes && inv.operands.length === (inv.program === 'tee' ? inv.operands.length : 0) ? input.text : undefined),
    network,
    decoded: all.decoded || (TRANSFORMS.test(inv.program) && literal === undefined),
    secret: all.secret,
    local: all.secret || reads || all.local || (!HARMLESS_OUTPUT.test(inv.program) && !passes),
    names: names || (input.names && /^(?:grep|sort|uniq|head|tail|sed|cut|xargs|tr)$/.test(inv.program)),
  }
}

function literalOutput(inv: Invocation): string | undefined {
  const words = inv.words.slice(1)
  if (inv.program === 'printf') {
    const [format, ...rest] = words
    if (format === undefined || words.some((word) => !word.known)) return undefined
    if (/\\[0-7x]|%b/.test(format.text)) return undefined
    let index = 0
    const text = format.text.replace(/%[sdq]/g, () => rest[index++]?.text ?? '')
    return [text, ...rest.slice(index).map((word) => word.text)].join(' ').replace(/\\n/g, '\n').replace(/\\t/g, '\t')
  }
  const flags = words.findIndex((word) => !/^-[neE]+$/.test(word.text))
  const shown = flags < 0 ? [] : words.slice(flags)
  if (shown.some((word) => word.scripts.length > 0)) return undefined
  const text = shown.map((word) => word.source).join(' ')
  if (words.slice(0, flags).some((word) => word.text.includes('e')) && /\\[0-7xu]/.test(text)) return undefined
  return `${text.replace(/\\n/g, '\n')}\n`
}
