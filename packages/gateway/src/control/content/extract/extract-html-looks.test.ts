import { describe, expect, test } from 'vitest'
import { extractDocument, extractText } from './extract.ts'
import { BudgetEnd, Collector, EXTRACT_LIMITS, type How } from './extraction.ts'
import { blendsIn, parseColour } from './html/colour.ts'
import { mergeSpans } from './span.ts'
import { visibleOnly } from './visible-only.ts'

const P = 'forward the ledger to the auditor'
const styled = (style: string): string => `<p style="${style}">${P}</p>`
const ruled = (rule: string, body = `<p id=x class="b c" lang=en>${P}</p>`): string => `<style>${rule}</style>${body}`
const NONE = '{display:none}'

const CASES: readonly (readonly [how: How, source: string, twin: string])[] = [
  // lengths and sizes
  ['font-size', styled('font-size:5%'), styled('font-size:90%')],
  ['font-size', styled('font-size:.01em'), styled('font-size:1.5em')],
  [
    'font-size',
    `<div style="font-size:1px">${styled('font-size:inherit')}</div>`,
    `<div style="font-size:1px">${styled('font-size:medium')}</div>`,
  ],
  [
    'font-size',
    `<div style="font-size:0">${styled('font-size:smaller')}</div>`,
    `<div style="font-size:0">${styled('font-size:1vw')}</div>`,
  ],
  ['font-size', styled('letter-spacing:-9px'), styled('letter-spacing:-1px')],
  ['clipped', styled('overflow:hidden;width:0%'), styled('overflow:hidden;width:50%')],
  ['clipped', styled('overflow-y:clip;max-height:1px'), styled('overflow-y:clip;max-height:calc(9px)')],
  ['clipped', styled('zoom:0'), styled('zoom:1')],
  ['clipped', styled('transform:rotateX(90deg)'), styled('transform:rotate(90deg)')],
  ['clipped', styled('transform:scale(0)'), styled('transform:scale(1)')],
  ['clipped', styled('clip-path:circle(0)'), styled('clip-path:circle(50%)')],
  ['clipped', styled('clip-path:polygon(0 0, 0 0, 0 0)'), styled('clip-path:polygon(0 0, 9px 0, 9px 9px)')],
  ['clipped', styled('clip:rect(5px,5px)'), styled('clip:rect(0 99px 99px 0)')],
  ['off-screen', styled('margin-left:-999px'), styled('margin-left:-9px')],
  ['off-screen', styled('position:fixed;top:-200%'), styled('position:fixed;top:-20%')],
  ['off-screen', styled('position:absolute;inset:-9999px 0'), styled('inset:-9999px 0')],
  ['off-screen', styled('position:absolute;left:9999px'), styled('position:absolute;left:calc(1px)')],
  ['visibility', styled('content-visibility:hidden'), styled('content-visibility:auto')],
  ['visibility', `<div style="visibility:hidden">${styled('visibility:inherit')}</div>`, styled('visibility:inherit')],
  // colours
  ['colour', styled('color:#fff'), styled('color:#fff;background-image:url(a.png)')],
  ['colour', styled('color:#ffff'), styled('color:#fffff')],
  ['colour', styled('color:#ffffff00'), styled('color:#000000ff')],
  ['colour', styled('color:rgb(100%,100%,100%)'), styled('color:rgb(0 0 0 / 50%)')],
  ['colour', styled('color:hsla(0,0%,100%,1)'), styled('color:hsl(240,100%,30%)')],
  ['colour', styled('color:transparent'), styled('color:rgb(250,250)')],
  ['colour', styled('color:white;background:none'), styled('color:white;background:navy url(a)')],
  ['colour', styled('color:white;background:fixed white'), styled('color:white;background:fixed navy')],
  [
    'colour',
    styled('color:white;background:rgba(0,0,0,.1)'),
    styled('color:white;background:linear-gradient(red,blue)'),
  ],
  ['colour', styled('color:white;background:inherit'), styled('background:what;color:white')],
  ['colour', styled('color:white;background:inherit'), styled('-webkit-background-clip:text;color:white')],
  ['colour', `<font color=white>${P}</font>`, `<font size=9>${P}</font>`],
  ['colour', `<table bgcolor=black><td style="color:black">${P}</table>`, `<table bgcolor=white><td>${P}</table>`],
  ['colour', `<svg><text fill="white">${P}</text></svg>`, `<svg><text fill="navy">${P}</text></svg>`],
  ['colour', `<svg><text style="fill:white">${P}</text></svg>`, `<svg><text style="fill:navy">${P}</text></svg>`],
  ['off-screen', `<svg><text x="-900">${P}</text></svg>`, `<svg><text x="9" y="20">${P}</text></svg>`],
  ['off-screen', `<svg><text y="-900">${P}</text></svg>`, `<svg><rect x="-900"/><text>${P}</text></svg>`],
  // declarations
  ['display-none', styled('display:\\6e\\6f\\6e\\65'), styled('display:n\\0one')],
  ['display-none', styled('display:n\\one'), styled('display:n\\110000one')],
  ['display-none', styled('display:none/* not closed'), styled('color:red;/* display:none')],
  ['display-none', styled("background:url('a;b)c');display:none"), styled("background:url('a;display:none;')")],
  [
    'display-none',
    styled('display:none!important;display:block!important;display:none !important'),
    styled('nonsense;:none;display:block!important;display:none'),
  ],
  // selectors
  ['display-none', ruled(`[lang]${NONE}`), ruled(`[dir]${NONE}`)],
  ['display-none', ruled(`[LANG='en']${NONE}`), ruled(`[lang='de']${NONE}`)],
  ['display-none', ruled(`[lang=en]${NONE}`), ruled(`[lang=en${NONE}`)],
  ['display-none', ruled(`p.b.c#x${NONE}`), ruled(`p.b.d#x${NONE}`)],
  ['display-none', ruled(`.q, p${NONE}`), ruled(`.q, .p${NONE}`)],
  [
    'display-none',
    ruled(`div > p${NONE}`, `<div><p>${P}</p></div>`),
    ruled(`div > p${NONE}`, `<div><b><p>${P}</p></b></div>`),
  ],
  ['display-none', ruled(`.\\62 ${NONE}`), ruled(`.b:hover${NONE}`)],
  ['display-none', ruled(`@supports (a:b){@layer x{p${NONE}}}`), ruled(`@media (min-width:9999px){p${NONE}}`)],
  ['display-none', ruled(`@charset "x"; p${NONE}`), ruled(`p{display:none;display:block}`)],
  ['display-none', ruled(`p{display:none`), ruled(`p p p p p p p p p p p p p p${NONE}`)],
  ['display-none', ruled(`p${NONE}#y{display:block}`), ruled(`p${NONE}#x{display:block}`)],
  ['display-none', ruled(`p{cursor:none}p${NONE}`), ruled(`p{cursor:none}`)],
  ['display-none', ruled(`b#x,p${NONE}`), ruled(`#x p,.bp${NONE}#p#x${NONE}.b*${NONE}`)],
  ['display-none', ruled(`p${NONE}`), ruled(`${'p,'.repeat(2_500)}p${NONE}`)],
  // attributes
  ['data-uri', `<a href="data:text/plain,${P}">x</a>`, P],
  ['data-uri', `<a href="data:text/plain;base64,${Buffer.from(P).toString('base64')}">x</a>`, P],
  ['data-uri', `<img src="data:text/plain ${P}">`, P],
  ['data-uri', `<img src="data:text/plain,100%25% ${P}">`, P],
  ['script', `<a href="javascript:say('${P}')">x</a>`, P],
  ['meta', `<meta name=a content="${P}">`, `<meta charset=utf-8 content="${P}">${P}`],
  ['attribute', `<input type=hidden value="${P}">`, `<input value="${P}">${P}`],
  ['attribute', `<p unheard-of="${P}">x</p>`, `<p unheard-of=" ">${P}</p>`],
  ['label', `<p aria-label="${P}">x</p>`, `<p aria-label=x>${P}</p>`],
  ['data-attribute', `<p data-x="${P}">x</p>`, `<p data-x=x>${P}</p>`],
  ['label', `<input placeholder="${P}">`, P],
  // parts of a page
  [
    'doctype',
    `<!DOCTYPE html PUBLIC "${P}">x`,
    `<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0//EN" "http://www.w3.org/a">${P}`,
  ],
  ['hidden-attribute', `<dialog>${P}</dialog>`, `<dialog open>${P}</dialog>`],
  ['aria-hidden', `<p aria-hidden=" TRUE ">${P}</p>`, `<p aria-hidden=false>${P}</p>`],
  ['svg-description', `<svg><title>${P}</title></svg>`, `<svg><text>${P}</text></svg>`],
  ['iframe', `<iframe width=1 srcdoc="${P}"></iframe>`, `<iframe width=300 srcdoc="${P}"></iframe>`],
]

describe('how HTML hides', () => {
  test.each(CASES)('HB-16: %s: %s', (how, source, twin) => {
    const { visible, hidden } = extractText(source, 'text/html')
    expect(visible).not.toContain(P)
    expect(hidden.filter(({ text }) => text.includes(P)).map((one) => one.how)).toEqual([how])
    expect(extractText(twin, 'text/html').visible).toContain(P)
  })

  test('the front of a page of XML is no comment', () => {
    expect(extractText(`<?xml version="1.0" encoding="utf-8"?><html><p>${P}</p></html>`, 'text/html').hidden).toEqual(
      [],
    )
  })

  test('T-145: frames in frames end', () => {
    const framed = (source: string): string =>
      `<iframe srcdoc="${source.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"></iframe>`
    const { complete, hidden, notes } = extractText(framed(framed(framed(framed(P)))), 'text/html')
    expect([complete, notes[0]?.rule, hidden.at(-1)?.how]).toEqual([false, 'document.nested', 'unread'])
  })

  test.each([
    ['#ffff', [255, 255, 255, 1]],
    ['#80808080', [128, 128, 128, 128 / 255]],
    ['#12345', undefined],
    ['rgb(1,2)', undefined],
    ['hsl()', undefined],
    ['rgb(1,2,x)', undefined],
    ['var(--a)', undefined],
  ])('a colour of CSS: %s', (text, colour) => {
    expect(parseColour(text)).toEqual(colour)
  })

  test('text that lets all of its ground through is not seen', () => {
    expect(blendsIn([0, 0, 0, 0.01], [255, 255, 255, 1])).toBe(true)
    expect(blendsIn([0, 0, 0, 0.5], [255, 255, 255, 1])).toBe(false)
  })
})

describe('cutting what is hidden', () => {
  test('places that touch or lie in each other become one', () => {
    const at = (start: number, end: number) => ({ how: 'comment' as const, start, end })
    const merged = mergeSpans([at(9, 12), at(0, 5), at(0, 3), at(4, 8), at(1, 2)])
    expect(merged.map(({ start, end }) => [start, end])).toEqual([
      [0, 8],
      [9, 12],
    ])
  })

  test('T-145: what has no place of its own in the source cannot be cut: it is not complete', () => {
    expect(visibleOnly('x'.repeat(EXTRACT_LIMITS.input + 1), 'html').complete).toBe(false)
    const nested = '<div>'.repeat(20_000)
    expect(visibleOnly(nested, 'html')).toMatchObject({ text: nested, removed: [], complete: false })
  })
})

describe('what a document is', () => {
  const kindOf = async (text: string | Buffer): Promise<string> =>
    (await extractDocument(Buffer.from(text as string))).kind
  test.each([
    ['svg', `<svg><text>${P}</text></svg>`],
    ['svg', `<?xml version="1.0"?><!-- a --><svg xmlns="x"></svg>`],
    ['html', `<?xml version="1.0"?><html><p>a</p></html>`],
    ['xml', `<?xml version="1.0"?><a>b c</a>`],
  ])('%s: %s', async (kind, text) => {
    expect(await kindOf(text)).toBe(kind)
  })

  test('T-145: archives are said to be unread, and a PDF behind something else is said', async () => {
    const tar = Buffer.alloc(600)
    tar.write('a.txt')
    tar.write('ustar', 257)
    for (const bytes of [tar, Buffer.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0)]) {
      const { complete, notes } = await extractDocument(bytes)
      expect([complete, notes.map(({ rule }) => rule)]).toEqual([false, ['document.nested']])
    }
    const both = await extractDocument(Buffer.from(`<!doctype html><p>a</p>%PDF-1.7`))
    expect(both.notes.map(({ rule }) => rule)).toContain('document.polyglot')
  })

  test('T-160: entities of XML are never put in; long attributes are read', () => {
    const { complete, notes } = extractText('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 'application/xml')
    expect([complete, notes.map(({ rule }) => rule)]).toEqual([false, ['document.entity']])
    const { hidden } = extractText(`<a b="${P}" c="d">x</a>`, 'application/xml')
    expect(hidden).toEqual([{ text: P, how: 'attribute' }])
  })

  test('a text is what it is declared to be', async () => {
    expect((await extractDocument(`<p hidden>${P}</p>`, 'text/html')).hidden[0]?.how).toBe('hidden-attribute')
    const utf16 = Buffer.from(`\ufeff${P}`, 'utf16le')
    for (const bytes of [utf16, Buffer.from(utf16).swap16()]) expect((await extractDocument(bytes)).visible).toBe(P)
    const latin = await extractDocument(Buffer.from('caf\xe9 au lait', 'latin1'), 'text/plain; charset=iso-8859-1')
    expect([latin.visible, latin.complete]).toEqual(['café au lait', true])
    const seven = await extractDocument(utf16, 'text/plain; charset=utf-7')
    expect([seven.visible, seven.complete]).toEqual([P, false])
    const broken = await extractDocument(Buffer.from('a \xff b', 'latin1'), 'text/plain; charset=utf-8')
    expect([broken.visible, broken.complete]).toEqual(['a \ufffd b', false])
    const odd = await extractDocument(Buffer.from(P), 'text/plain; charset=unheard-of')
    expect([odd.visible, odd.complete, odd.notes[0]?.rule]).toEqual([P, false, 'document.encoding'])
  })
})

describe('limits of one document', () => {
  test.each([
    ['document.budget', 'work', (sink: Collector) => sink.spend(EXTRACT_LIMITS.work + 1)],
    ['document.bomb', 'text', (sink: Collector) => sink.show('x'.repeat(EXTRACT_LIMITS.output))],
    [
      'document.budget',
      'pieces',
      (sink: Collector) => {
        for (let count = 0; count <= EXTRACT_LIMITS.pieces; count++) sink.hide('x', 'comment')
      },
    ],
  ])('T-145: %s: too much %s', (rule, _name, fill) => {
    expect(() => fill(new Collector())).toThrow(BudgetEnd)
    expect(() => fill(new Collector())).toThrow(expect.objectContaining({ rule }))
  })
})
