import { fold } from '@sallyport/core'
import { mixedWord } from './characters.ts'

/** A URL or host that a text names. */
export interface NamedHost {
  readonly url: string
  readonly host: string
  readonly start: number
  readonly end: number
}

const URL_SHAPE =
  /\b(https?|wss?|ftp|git\+https?|git\+ssh|git):\/\/(?:[^\s/@"'`<>]{1,100}@)?(\[[0-9a-fA-F:.]{2,45}\]|[^\s/:"'`<>?#)\]},\\]{1,253})(?::\d{1,5})?[^\s"'`<>)\]}]{0,400}/g

export function hostsIn(text: string): readonly NamedHost[] {
  return [...text.matchAll(URL_SHAPE)].map((match) => ({
    url: match[0],
    host: (match[2] ?? '').toLowerCase().replace(/\.$/, ''),
    start: match.index,
    end: match.index + match[0].length,
  }))
}

/** Hosts by what they are for. Held against every label, so that an own domain of the same service counts as well. */
const SERVICES: readonly (readonly [kind: HostKind, pattern: RegExp])[] = [
  [
    'tunnel',
    /(?:^|\.)(?:ngrok(?:-free)?|trycloudflare|loca\.lt|localhost\.run|localtunnel|serveo|pagekite|telebit|bore\.pub|lhr\.(?:life|rocks)|tunnelmole|devtunnels|zrok|playit|packetriot|tailscale-funnel|portmap|localxpose|loclx)(?:\.|$)/,
  ],
  [
    'collector',
    /(?:^|\.)(?:webhook\.site|requestbin|requestcatcher|pipedream|hookbin|beeceptor|mockbin|postb\.in|interact\.sh|oast(?:ify)?|burpcollaborator|canarytokens|dnslog|ceye|webhookinbox|typedwebhook|smee\.io|putsreq|ptsv\d?|requestinspector|webhook-test)(?:\.|$)/,
  ],
  [
    'paste',
    /(?:^|\.)(?:pastebin|paste|hastebin|ghostbin|rentry|glot|dpaste|termbin|ix\.io|controlc|privatebin|0bin|pastes|pasteio|justpaste|telegra\.ph|paste\.ee)(?:\.|$)/,
  ],
  [
    'drop',
    /(?:^|\.)(?:transfer\.sh|file\.io|0x0\.st|anonfiles?|gofile|catbox|litterbox|temp\.sh|bashupload|oshi\.at|filebin|wetransfer|uguu|pixeldrain|mega\.nz|tmpfiles|send\.vis\.ee|discordapp-cdn)(?:\.|$)|(?:^|\.)cdn\.discordapp\.com$/,
  ],
  ['messenger', /(?:^|\.)api\.telegram\.org$|(?:^|\.)hooks\.slack\.com$|(?:^|\.)discord(?:app)?\.com$/],
  [
    'shortener',
    /^(?:bit\.ly|tinyurl\.com|t\.co|goo\.gl|is\.gd|ow\.ly|cutt\.ly|rb\.gy|shorturl\.at|tiny\.cc|v\.gd|t\.ly|rebrand\.ly|buff\.ly)$/,
  ],
  ['onion', /\.(?:onion|i2p)$/],
]

export type HostKind =
  'tunnel' | 'collector' | 'paste' | 'drop' | 'messenger' | 'shortener' | 'onion' | 'address' | 'punycode'

export function hostKind(host: string): HostKind | undefined {
  const name = fold(host).text.toLowerCase()
  if (/^(?:\d{1,3}\.){3}\d{1,3}$|^\[|^0x[0-9a-f]+$|^\d{8,10}$/.test(name)) return isLocal(name) ? undefined : 'address'
  if (
    /(?:^|\.)xn--/.test(name) ||
    mixedWord(host) !== undefined ||
    (/[^\x20-\x7e]/.test(host) &&
      /^[\x20-\x7e]*$/.test(name) &&
      !/\p{Script=Latin}[\u0300-\u036f]/u.test(host.normalize('NFD')))
  )
    return 'punycode'
  return SERVICES.find(([, pattern]) => pattern.test(name))?.[0]
}

export const isLocal = (host: string): boolean =>
  /^(?:localhost|(?:[\w-]+\.)*localhost|127(?:\.\d{1,3}){3}|0\.0\.0\.0|\[::1?\]|host\.docker\.internal|10(?:\.\d{1,3}){3}|192\.168(?:\.\d{1,3}){2}|172\.(?:1[6-9]|2\d|3[01])(?:\.\d{1,3}){2}|[\w-]+)$/.test(
    host,
  )

/** Well-known services and the domains that are theirs. */
export const BRANDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['github', ['github.com', 'githubusercontent.com', 'github.io', 'ghcr.io', 'githubapp.com']],
  ['gitlab', ['gitlab.com', 'gitlab.io']],
  [
    'google',
    [
      'google.com',
      'googleapis.com',
      'gstatic.com',
      'withgoogle.com',
      'google.dev',
      'goo.gle',
      'googleusercontent.com',
      'run.app',
      'cloudfunctions.net',
    ],
  ],
  ['gmail', ['google.com', 'googleapis.com', 'gmail.com']],
  ['slack', ['slack.com', 'slack-edge.com']],
  ['discord', ['discord.com', 'discordapp.com', 'discord.gg']],
  ['notion', ['notion.so', 'notion.com', 'notion.site']],
  ['stripe', ['stripe.com', 'stripe.network']],
  ['paypal', ['paypal.com', 'paypalobjects.com']],
  ['openai', ['openai.com', 'chatgpt.com', 'oaistatic.com', 'azure.com']],
  ['anthropic', ['anthropic.com', 'claude.ai', 'claude.com']],
  ['claude', ['anthropic.com', 'claude.ai', 'claude.com']],
  [
    'microsoft',
    [
      'microsoft.com',
      'microsoftonline.com',
      'office.com',
      'windows.net',
      'azure.com',
      'live.com',
      'office365.com',
      'sharepoint.com',
      'outlook.com',
    ],
  ],
  ['outlook', ['microsoft.com', 'outlook.com', 'office.com', 'office365.com', 'live.com', 'microsoftonline.com']],
  ['azure', ['azure.com', 'windows.net', 'azure.net', 'microsoft.com', 'microsoftonline.com', 'azurewebsites.net']],
  ['aws', ['amazonaws.com', 'aws.amazon.com', 'amazon.com', 'aws.dev', 'awsstatic.com']],
  ['amazon', ['amazon.com', 'amazonaws.com', 'media-amazon.com']],
  ['atlassian', ['atlassian.com', 'atlassian.net', 'jira.com', 'bitbucket.org']],
  ['jira', ['atlassian.com', 'atlassian.net', 'jira.com']],
  ['linear', ['linear.app']],
  ['dropbox', ['dropbox.com', 'dropboxapi.com', 'dropboxusercontent.com']],
  ['twitter', ['twitter.com', 'x.com', 'twimg.com']],
  ['telegram', ['telegram.org', 't.me']],
  ['whatsapp', ['whatsapp.com', 'whatsapp.net', 'facebook.com']],
  ['facebook', ['facebook.com', 'fbcdn.net', 'meta.com']],
  ['linkedin', ['linkedin.com', 'licdn.com']],
  ['binance', ['binance.com', 'binance.us']],
  ['coinbase', ['coinbase.com']],
  ['metamask', ['metamask.io']],
  ['figma', ['figma.com']],
  ['shopify', ['shopify.com', 'myshopify.com', 'shopifycdn.com']],
  ['hubspot', ['hubspot.com', 'hubapi.com']],
  ['salesforce', ['salesforce.com', 'force.com']],
  ['zoom', ['zoom.us', 'zoom.com']],
  ['trello', ['trello.com']],
  ['asana', ['asana.com']],
  ['airtable', ['airtable.com']],
  ['vercel', ['vercel.com', 'vercel.app']],
  ['netlify', ['netlify.com', 'netlify.app']],
  ['cloudflare', ['cloudflare.com', 'workers.dev', 'pages.dev']],
  ['docker', ['docker.com', 'docker.io']],
  ['npm', ['npmjs.com', 'npmjs.org']],
  ['pypi', ['pypi.org', 'pythonhosted.org']],
  ['sentry', ['sentry.io']],
  ['twilio', ['twilio.com']],
  ['sendgrid', ['sendgrid.com', 'sendgrid.net']],
  ['resend', ['resend.com']],
  ['supabase', ['supabase.com', 'supabase.co', 'supabase.in']],
  ['huggingface', ['huggingface.co', 'hf.co']],
  ['spotify', ['spotify.com', 'scdn.co']],
  ['youtube', ['youtube.com', 'googleapis.com', 'ytimg.com', 'youtu.be', 'google.com']],
  ['bitwarden', ['bitwarden.com']],
  ['1password', ['1password.com']],
])

/** A host that bears the name of a well-known service and is not the service's. */
export function foreignBrand(host: string): string | undefined {
  const labels = fold(host).text.toLowerCase().split(/[.-]/)
  for (const [brand, domains] of BRANDS)
    if (brand.length >= 4 && labels.includes(brand) && !isOneOf(host, domains)) return brand
  return undefined
}

export const isOneOf = (host: string, domains: readonly string[]): boolean =>
  domains.some((domain) => host === domain || host.endsWith(`.${domain}`))

const GENERIC = new Set(
  'key token secret password passwd auth api access read write id client app private public url host user name pat bearer session credentials default my the bot webhook signing admin service account'.split(
    ' ',
  ),
)
const ALIASES: Readonly<Record<string, string>> = {
  gh: 'github',
  oai: 'openai',
  hf: 'huggingface',
  gcp: 'google',
  goog: 'google',
  az: 'azure',
  cf: 'cloudflare',
  op: '1password',
  pg: '',
}

/** Service that a variable belongs to: `GITHUB_TOKEN` → `github`; undefined for `API_KEY`. */
export function serviceOf(name: string): string | undefined {
  for (const part of name.toLowerCase().split('_')) {
    const word = ALIASES[part] ?? part
    if (BRANDS.has(word)) return word
    if (word.length > 2 && !GENERIC.has(word) && !/^\d+$/.test(word)) return word
  }
  return undefined
}
