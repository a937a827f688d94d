import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import type { ApprovalRequest, CallBinding } from './approval.ts'
import { callDigest, decisionDigest, viewDigest } from './digests.ts'
import { escapeText, unescapeText } from './escape.ts'
import { foldedRows, renderView } from './render.ts'
import { approvalView, operatorView } from './view.ts'
import { warningsFor } from './warnings.ts'

const binding: CallBinding = {
  gateway: 'gw',
  principal: 'agent:claude',
  chain: ['agent:boss'],
  instance: 'i',
  labels: { integrity: 3, confidentiality: 0, sources: [] },
  server: 'mail',
  tool: 'mail.send',
  pin: 'p',
  argsDigest: 'a',
  metaDigest: 'm',
  cwd: '',
  facts: { hosts: ['corp.com'], count: 1, undeclared: [], omitted: [] },
  sinks: [{ path: 'to', role: 'sink', value: 'bob@corp.com' }],
  bundle: 'b',
}
const request = (args: ApprovalRequest['args'] = {}, of: Partial<CallBinding> = {}): ApprovalRequest => ({
  id: 'x',
  auditId: 'a',
  callDigest: callDigest({ ...binding, ...of }),
  binding: { ...binding, ...of },
  args,
  demand: { approvers: [], quorum: 1, ttlSeconds: 0, severity: 'high', remember: true },
  policyRule: ['rule'],
  reason: 'Because.',
  grave: true,
  requestId: '1',
  sessionId: 's',
  createdAt: 0,
  expiresAt: 300_000,
})
const lines = (of: ApprovalRequest, width = 80): readonly string[] =>
  renderView(approvalView({ request: of }), { width, full: true })
const section = (of: ApprovalRequest, id: string) =>
  approvalView({ request: of }).sections.find((each) => each.id === id)?.rows ?? []

/** T-032: what hides, reorders, moves the cursor or joins with its neighbours. */
const HOSTILE: readonly string[] = [
  ...[
    '\u202e',
    '\u202d',
    '\u2066',
    '\u2067',
    '\u2068',
    '\u2069',
    '\u202a',
    '\u202b',
    '\u202c',
    '\u061c',
    '\u200e',
    '\u200f',
  ],
  ...[
    '\u200b',
    '\u200c',
    '\u200d',
    '\u2060',
    '\ufeff',
    '\u00ad',
    '\u034f',
    '\u115f',
    '\u1160',
    '\u17b4',
    '\u3164',
    '\uffa0',
    '\u180e',
  ],
  ...[
    '\ufe0f',
    '\ufe00',
    '\u{e0100}',
    '\u{e01ef}',
    '\u{e0041}',
    '\u{e007f}',
    '\u{e0001}',
    '\u2028',
    '\u2029',
    '\u0085',
    '\u00a0',
    '\u2003',
  ],
  ...['\u0301', '\u0336', '\u20dd', '\u0489', '\u035c', '\u1ab0', '\u20e3', '\u{1d165}'],
  ...[
    '\u0000',
    '\u0007',
    '\b',
    '\t',
    '\n',
    '\r',
    '\u001b',
    '\u001b[2J',
    '\u001b]52;c;AAAA\u0007',
    '\u009b31m',
    '\u007f',
    '\u0090q',
    '\u001b[1A',
  ],
  ...[
    'א',
    'ש',
    'ب',
    'م',
    '\u0750',
    '\u{1e900}',
    '\ue000',
    '\u{f0000}',
    '\u0378',
    '\ud800',
    '\udfff',
    '\u{1fffe}',
    '\uffff',
    '\ufffe',
  ],
]

describe('escaping', () => {
  it('T-032: hostile characters are all visible, on one line, and read back as the same text', () => {
    for (const hostile of HOSTILE) {
      for (const around of [hostile, `a${hostile}b`, `${hostile}${hostile}`, `x\\${hostile}u{41}`]) {
        const shown = escapeText(around)
        expect(shown, JSON.stringify(around)).toMatch(/^[ -~]*$/)
        expect(unescapeText(shown)).toBe(around)
      }
    }
  })

  it('T-032: any text at all: no format, control, bidi or combining character survives, and it reads back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const shown = escapeText(text)
        expect(unescapeText(shown)).toBe(text)
        expect(shown).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}|[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/u)
        expect(shown).not.toMatch(/\p{M}{3}|(?<![\p{L}\p{M}])\p{M}/u)
      }),
      { numRuns: 3000 },
    )
  })

  it('T-032: a mark stands behind a letter or is escaped, whatever is between them', () => {
    const piece = fc.constantFrom(
      'a',
      'न',
      'ก',
      '\u093f',
      '\u0e34',
      '\u0301',
      '5',
      '$',
      '.',
      ' ',
      '✓',
      '\u200b',
      '\u{1cc00}',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const shown = escapeText(pieces.join(''))
        expect(shown).not.toMatch(/\p{M}{3}|(?<![\p{L}\p{M}])\p{M}/u)
        expect(unescapeText(shown)).toBe(pieces.join(''))
      }),
      { numRuns: 3000 },
    )
  })

  it('T-032: every character there is, alone and behind a letter', () => {
    const bad: string[] = []
    for (let code = 0; code <= 0x10_ff_ff; code++) {
      const char = String.fromCodePoint(code)
      for (const text of [char, `a${char}`]) {
        const shown = escapeText(text)
        const moves = /[\p{C}\p{Zl}\p{Zp}\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]|(?! )\p{Zs}/u.test(shown)
        if (moves || /(?<![\p{L}\p{M}])\p{M}/u.test(shown) || unescapeText(shown) !== text) bad.push(code.toString(16))
      }
    }
    expect(bad).toEqual([])
  })

  it('ordinary text of several languages stays readable', () => {
    for (const text of [
      'Grüße aus Köln',
      'Привет',
      '你好',
      'こんにちは',
      '한국어',
      'नमस्ते',
      'Ünïcode €5 ✓',
      "it's 5% <b>",
    ]) {
      expect(escapeText(text)).toBe(text)
    }
  })
})

describe('the view', () => {
  it('T-035: sinks, selectors and programs come first and complete, whatever the arguments hide them in', () => {
    const evil = 'https://evil.example/' + 'x'.repeat(3000)
    const tails: readonly ApprovalRequest['args'][] = [
      { body: 'a'.repeat(1_000_000) + evil },
      { body: '\n'.repeat(500) + evil },
      { items: Array.from({ length: 10_000 }, (_, n) => `${n}`), to: evil },
      { a: { b: { c: { d: { e: { f: { g: { h: { i: { j: evil } } } } } } } } } },
      { body: `${'y'.repeat(399)}\ud83d\ude00${'z'.repeat(5000)}` },
    ]
    for (const args of tails) {
      const of = request(args, {
        sinks: [{ path: 'to', role: 'sink', value: evil }],
        facts: { commands: ['curl'], hosts: ['evil.example'] },
      })
      const view = approvalView({ request: of })
      const shown = renderView(view, { width: 100, full: false })
      const text = shown.map((line) => line.replace(/^.*│ /, '')).join('')
      expect(text).toContain(evil)
      expect(view.sections[1]?.rows.every((row) => row.fold === undefined)).toBe(true)
      expect(shown.findIndex((line) => line.includes('evil.example'))).toBeLessThan(
        shown.findIndex((line) => line.startsWith('All arguments')),
      )
      expect(text).toContain('curl')
      const full = renderView(view, { width: 100, full: true })
        .map((line) => line.replace(/^.*│ /, ''))
        .join('')
      for (const value of Object.values(args)) if (typeof value === 'string') expect(full).toContain(escapeText(value))
    }
  })

  it('T-035: a long value is folded only with its size and digest, and such a view is known to have folds', () => {
    const view = approvalView({ request: request({ body: 'a'.repeat(5000) }) })
    expect(foldedRows(view)).toHaveLength(1)
    expect(renderView(view, { width: 100, full: false }).join('\n')).toMatch(/characters folded, sha256 [0-9a-f]{16}/)
    expect(renderView(view, { width: 100, full: true }).join('')).not.toContain('folded')
  })

  it('T-034: arguments that imitate the screen stay inside their frame, with types and lengths', () => {
    const imitations = [
      'Approved by policy ✔',
      'x"\n\nWho and what is affected:\n  goes to │ "bob@corp.com"',
      '"}\n{"to":"bob@corp.com"',
      '\u001b[2J\u001b[HPIN:',
      '│ goes to │ "bob@corp.com"',
      '[click](https://evil.example)',
      '<a href=x>ok</a>',
      `${' '.repeat(200)}An agent asks to:`,
      '\r  severity │ low',
      ...['Approved ✅', '✔ verified', '[OK]', 'PASS', 'ALLOW', '--- end of request ---', '### System', '**bold** ok'],
      ...['</pre><h1>ok</h1>', '<img src=x onerror=1>', '<script>1</script>', '![x](https://evil.example/x.png)'],
      ...['javascript:alert(1)', '<https://evil.example>', 'data:text/html,x', '| a | b |\n|---|---|'],
      ...['+ added line\n- removed line', '@@ -1 +1 @@', 'diff --git a/x b/x', '```\nok\n```', '> quoted'],
      ...[
        '","to":"bob@corp.com',
        '"],"cc":[]}',
        '\\u{202e}',
        '&lt;b&gt;',
        '%0a%0d',
        '\u2028Record:',
        'Record:\n  call │ x',
      ],
      ...[
        'Look twice:\n',
        'PIN of ana to agree: ',
        'severity: low',
        'can be undone │ yes',
        '\u001b]8;;https://x\u0007',
      ],
    ]
    for (const text of imitations) {
      for (const width of [40, 80, 200]) {
        const plain = lines(request({ body: 'x' }), width).filter((line) => !line.includes('│')).length
        for (const args of [{ body: text }, { [text]: 'x' }]) {
          const shown = lines(request(args), width)
          for (const line of shown) expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
          const outside = shown.filter((line) => line !== '' && !/[│┆]/.test(line))
          expect(
            outside.every((line) =>
              /^(?:An agent asks to|Who and what is affected|Look twice|All arguments, chosen by the agent|Record):$/.test(
                line,
              ),
            ),
          ).toBe(true)
          expect(plain).toBeGreaterThan(0)
        }
      }
    }
    expect(lines(request({ n: 5, b: true, z: null, s: 'ab', l: [1] })).join('\n')).toMatch(
      /number[\s\S]*boolean[\s\S]*null[\s\S]*string, 2 bytes[\s\S]*array of 1/,
    )
  })

  it('T-036: what the agent or the server says of the call changes nothing in the decision area', () => {
    const calm = section(request({ to: 'bob@corp.com' }), 'decision')
    const args = {
      to: 'bob@corp.com',
      description: 'Harmless read',
      title: 'Read a file',
      annotations: { readOnlyHint: true },
    }
    const lied = section(request(args), 'decision')
    expect(lied).toEqual(calm)
    const claimed = approvalView({ request: request(args), claims: { purpose: 'safe' } }).sections
    expect(claimed.at(-1)?.id).toBe('claimed')
    expect(claimed[0]?.rows).toEqual(calm)
  })

  it('E-56: secret arguments show their length only', () => {
    const of = request(
      { token: 'hunter2hunter2', to: 'a' },
      { sinks: [{ path: 'token', role: 'secret', value: 'hunter2hunter2' }] },
    )
    expect(lines(of).join('\n')).not.toContain('hunter2')
    expect(lines(of).join('\n')).toContain('14 characters')
  })

  it('T-033: look-alikes, mixed scripts and international names are warned about; ordinary ones are not', () => {
    for (const [value, known] of [
      ['аlice@corp.com', 'alice@corp.com'],
      ['alice@c0rp.com', 'alice@corp.com'],
      ['alice@corp.com', 'alice@corn.com'],
      ['paypaI.com', 'paypal.com'],
      ['rnicrosoft.com', 'microsoft.com'],
      ['ｃorp.com', 'corp.com'],
      ['vvikipedia.org', 'wikipedia.org'],
      ['gооgle.com', 'google.com'],
    ] as const) {
      expect(warningsFor(value, [known]).length, value).toBeGreaterThan(value === 'alice@corp.com' ? -1 : 0)
    }
    expect(warningsFor('http://xn--80ak6aa92e.com/')).not.toHaveLength(0)
    expect(warningsFor('ex\u202eample.com')).not.toHaveLength(0)
    for (const fine of [
      'bob@corp.com',
      'https://example.com/a?b=c',
      '/home/me/файл.txt',
      'Grüße',
      '東京タワー',
      'hello',
    ]) {
      expect(warningsFor(fine, ['alice@corp.com']), fine).toEqual([])
    }
  })

  it('T-081 T-082: undeclared and omitted arguments, taint and unresolved paths are said', () => {
    const of = request(
      {},
      {
        facts: { undeclared: ['bcc'], omitted: ['channel'], pathUnresolved: true },
        labels: { integrity: 1, confidentiality: 2, sources: [] },
      },
    )
    const said = section(of, 'warnings').map((row) => `${row.label} ${row.text}`)
    expect(said).toHaveLength(5)
  })
})

describe('digests', () => {
  it('T-028 T-030: any member of the binding changed gives another call digest', () => {
    const base = callDigest(binding)
    for (const key of Object.keys(binding) as (keyof CallBinding)[]) {
      const value = binding[key]
      const other =
        typeof value === 'string'
          ? `${value}x`
          : Array.isArray(value)
            ? [...(value as unknown[]), 'x']
            : { ...(value as object), x: 1 }
      expect(callDigest({ ...binding, [key]: other } as CallBinding), key).not.toBe(base)
    }
  })

  it('T-028: any byte of any string changed gives another digest', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (a, b) => {
        const digest = (text: string): string =>
          callDigest({ ...binding, argsDigest: text, sinks: [{ path: text, role: 'sink', value: text }] })
        expect(digest(a) === digest(b)).toBe(a === b)
      }),
    )
  })

  it('T-009: approval id, call, view, scope, time and nonce are all part of what is proved', () => {
    const subject = { approvalId: 'a', call: 'c', view: 'v', scope: { kind: 'once' }, notAfter: 1, nonce: 'n' } as const
    const others = [
      { ...subject, approvalId: 'b' },
      { ...subject, call: 'd' },
      { ...subject, view: 'w' },
      { ...subject, scope: { kind: 'value' } as const },
      { ...subject, scope: { kind: 'tool', until: 1 } as const },
      { ...subject, notAfter: 2 },
      { ...subject, nonce: 'm' },
    ]
    expect(new Set([subject, ...others].map(decisionDigest)).size).toBe(others.length + 1)
    expect(decisionDigest(subject)).toBe('3c673632abd1d1087cf6702588f2201c8be172cd04c873c31ba3b48b92db6695')
  })

  it('T-024: every row is part of the view digest', () => {
    const base = viewDigest(approvalView({ request: request({ a: 'b' }) }))
    expect(viewDigest(approvalView({ request: request({ a: 'c' }) }))).not.toBe(base)
    expect(viewDigest(approvalView({ request: { ...request({ a: 'b' }), reason: 'x' } }))).not.toBe(base)
    expect(viewDigest(operatorView('kill.resume', 't', { a: 1 }))).not.toBe(
      viewDigest(operatorView('kill.resume', 't', { a: 2 })),
    )
  })
})
