/** Words of writing about attacks: a text that has several of them is about the subject. */
const SUBJECT =
  /\b(?:prompt[- ]injections?|injections?|xss|ssrf|csrf|phish\w*|malware|malicious|exploit\w*|payloads?|vulnerab\w+|attack(?:s|ers?)?|adversar\w+|red[- ]team\w*|pen(?:etration)?[- ]?tests?|security (?:review|course|training|awareness|audit|lesson|quiz|workshop|education|scanner)|threat model\w*|incident|compromise[d]?|forensics?|hardening|warning signs|red flags|social engineering|jailbreak\w*|anti-?patterns?|exfiltration|droppers?|security operations|backdoors?|intrusions?|ransomware|malicious|lateral movement|owasp|countermeasures?|mitigations?|reverse shells?)\b|钓鱼|釣魚|骗|冒充|フィッシング|詐欺|фишинг|мошенн|angriff\w*|ataques?|attaques?|inyecci[oó]n|attacchi|攻撃|攻击|注入|атак\w*|инъекци\w*/gi

/** What the front matter or first heading of a text on security says it is. */
const ABOUT_SECURITY =
  /\b(?:teach\w*|course|training|learn\w*|lesson|workshop|awareness|recogni[sz]e\w*|review\w*|audit\w*|detect\w*|scan(?:s|ner|ning)?|classif\w+|spot|explain\w*|filter|tests?|fixtures?|incident|forensic\w*|hardening|pen(?:etration)?[- ]?test\w*|quiz|education\w*|respon\w+|triage|operations|kurs|schulung|curso|cours|corso)\b|курс|обучени|培训|讲解|防范|講座|研修/i

/** Lines that say what to look for: what is listed under them is looked for, not done. */
const LEAD =
  /\b(?:(?:look|check|watch|search|scan|grep|hunt|test) (?:out )?for|flag(?:s|ged)?|red flags?|warning signs?|indicators?|signs of|symptoms|reject(?:s|ed)?|report (?:any|all|each|these|the following)|patterns? (?:to|that|of)|examples? of (?:\w+ ){0,3}(?:attacks?|injections?|phishing|payloads?|malicious|bad|abuse)|typical (?:attacks?|payloads?|injections?)|(?:catch|detect)(?:es|s|ed)?|suspicious|never (?:do|run|follow)|do not (?:do|run|follow)|must not|forbidden|blocked|what not to)\b/i

const HEADING = /^\s{0,3}#{1,6}\s+(.*)$/
const ITEM = /^\s*(?:[-*+]|\d{1,3}[.)])\s+/
const QUOTE = /^\s*(?:(?:[-*+]|\d{1,3}[.)])\s+)?>/

interface Zone {
  readonly start: number
  readonly end: number
  readonly kind: 'listed' | 'quoted'
}

/** How a text speaks of attacks. Offsets in the text as it was given. */
export interface Lesson {
  /** The whole text is about attacks: it says so at its head and in what follows. */
  readonly about: boolean
  /** Whether a place stands in a list of what to look for, or in a quotation of a text or part about attacks. */
  shows(offset: number): boolean
}

/**
 * Reads where a text teaches, reviews or tests rather than orders (HB-34): lists below `look for:`, quotations below a heading about attacks.
 * One word is not enough, and a mark of quotation is not either.
 */
export function readLesson(text: string): Lesson {
  const head = text.slice(0, 700)
  const words = new Set(Array.from(text.matchAll(SUBJECT), ([word]) => word.toLowerCase().replace(/s$/, '')))
  SUBJECT.lastIndex = 0
  const about = words.size >= 2 && ABOUT_SECURITY.test(head) && new RegExp(SUBJECT.source, 'i').test(head)
  const zones: Zone[] = []
  let topic = false
  let listed = false
  let fence = false
  let at = 0
  for (const line of text.split('\n')) {
    const end = at + line.length
    const heading = fence ? null : HEADING.exec(line)
    if (/^\s*(?:```|~~~)/.test(line)) fence = !fence
    if (heading !== null) {
      topic = new RegExp(SUBJECT.source, 'i').test(heading[1] ?? '')
      listed = LEAD.test(heading[1] ?? '')
    } else if (!fence) {
      if (ITEM.test(line) || /^\s*\|/.test(line)) {
        if (listed) zones.push({ start: at, end, kind: 'listed' })
      } else if (line.trim() !== '' && !/^\s{2,}/.test(line))
        listed = /:\s*\**\s*$/.test(line) && LEAD.test(line.slice(-240))
    }
    if ((about || topic) && (QUOTE.test(line) || (!fence && /^\s*\|/.test(line))))
      zones.push({ start: at, end, kind: 'quoted' })
    at = end + 1
  }
  return { about, shows: (offset) => zones.some(({ start, end }) => offset >= start && offset <= end) }
}

const TESTS =
  /(?:^|[/!])(?:tests?|__tests__|spec|specs|fixtures?|testdata|test-data|test_data|samples?|corpus|payloads?|attacks?)\/|(?:^|[/!])(?:test_[\w-]+|[\w-]+[._-](?:test|spec|fixtures?)|conftest)\.\w+$|(?:^|[/!])(?:attacks?|payloads?|fixtures?|cases|jailbreaks?|patterns|signatures|blocklist|denylist|regexes)\.(?:json|jsonl|ya?ml|txt|csv)$/i

/** A file that holds inputs of tests, by its path. */
export const isFixture = (path: string): boolean => TESTS.test(path)
