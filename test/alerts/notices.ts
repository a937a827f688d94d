import { noticeOf, opened, signalsOf, type LogRecord, type Notice } from '@sallyport/core'
import { denial } from './kit.ts'

/** Texts that have broken readers of logs, mails and chats. */
const MARKS = [
  ...[
    '\n',
    '\r\n',
    '\r',
    '\u0085',
    '\u2028',
    '\u2029',
    '\u0000',
    '\u0007',
    '\u001b[2J',
    '\u001b]8;;http://x\u0007',
    '\u009b31m',
  ],
  ...[
    '\u202e',
    '\u200b',
    '\ufeff',
    '\u{e0041}',
    '\ud800',
    '😀',
    '"',
    '\\',
    ']',
    '\\"]',
    '[x y="z"]',
    '<34>1 2003-10-11T22:14:15Z h a - - -',
  ],
  ...[
    '*bold* _it_ ~no~ `code`',
    '```\nblock',
    '<@U123>',
    '<!channel>',
    '@everyone',
    '[link](http://evil.example)',
    'https://evil.example/x',
  ],
  ...[
    '![i](http://evil.example/i.png)',
    '<script>alert(1)</script>',
    '&lt;b&gt;',
    '# head',
    '- list',
    '> quote',
    '| a | b |',
    '=HYPERLINK("x")',
  ],
  ...[
    'Subject: other\r\nBcc: eve@example.com',
    '\r\n.\r\nMAIL FROM:<eve@example.com>',
    '-- \nsignature',
    'From eve',
    '%s%n',
    '${jndi:x}',
  ],
  ...[
    '@timestamp',
    'a.b.c',
    '__proto__',
    'constructor',
    '{"level":"info"}',
    "'; DROP TABLE",
    'x'.repeat(20_000),
    '東京',
    'مرحبا',
    'e\u0301\u0301\u0301',
  ],
]
export const PAYLOADS = MARKS.flatMap((mark) => [mark, `before ${mark} after`])

/** A notice with the payload wherever others can write. */
export function noticeWith(payload: string, id: string): Notice {
  const record = denial({
    ...{
      toolName: payload,
      agentId: payload,
      sessionId: payload,
      instance: payload,
      policyRule: [payload],
      code: payload,
    },
    ...{ reason: payload, parameters: { [payload]: payload }, severity: 'critical' },
  }) as LogRecord
  const [signal] = signalsOf(record, { onDeny: true, canaries: { tools: [], credentials: [], hosts: [] } })
  if (signal === undefined) throw new Error('no signal')
  return noticeOf(id, 'new', opened(`alert-${id}`, '', signal, 1_800_000_000_000), 1_800_000_000_000)
}
