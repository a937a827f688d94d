import { describe, expect, test } from 'vitest'
import { readWebDocument } from './web-document.ts'

const page = (html: string, type = 'text/html; charset=utf-8') =>
  readWebDocument(Buffer.from(html), type, 'https://page.example/a/b?c=d')

describe('HB-16 T-103: a page as somebody reads it', () => {
  test('headings, items, links and the words for pictures are marked', () => {
    const { title, text } = page(`<!doctype html><title>News  of
      today</title><h1>One</h1><p>Read <a href="/x?y#z">this</a>, <a href="../up">that</a> and <a href="#here">there</a>.
      <ul><li>first<li>second</ul><img src="a.png" alt="A cat"><p title="More about it">Below</p>
      <a href="javascript:alert(1)">no</a> <a href="data:text/html,x">data</a> <a href="mailto:a@b.example">mail</a>`)
    expect(title).toBe('News of today')
    expect(text).toBe(
      [
        '# One',
        '',
        'Read this <https://page.example/x?y>, that <https://page.example/up> and there.',
        '',
        '- first',
        '',
        '- second',
        '',
        '[image: A cat]',
        'Below [title: More about it]',
        'no data mail',
      ].join('\n'),
    )
  })

  test.each([
    '<p style="display:none">HIDDEN</p>',
    '<p style="visibility:hidden">HIDDEN</p>',
    '<p style="font-size:0">HIDDEN</p>',
    '<p style="opacity:0">HIDDEN</p>',
    '<p style="position:absolute;left:-9999px">HIDDEN</p>',
    '<p style="text-indent:-9999px">HIDDEN</p>',
    '<p style="color:#fff">HIDDEN</p>',
    '<p style="color:rgb(254,254,254);background:white">HIDDEN</p>',
    '<p style="d\\69splay:n\\6f ne">HIDDEN</p>',
    '<style>.x{display:none}</style><p class=x>HIDDEN</p>',
    '<div hidden><div><b>HIDDEN</b></div></div>',
    '<p aria-hidden="true">HIDDEN</p>',
    '<!-- HIDDEN --><!--><p>x</p><!-- HIDDEN -->',
    '<script>HIDDEN</script><style>HIDDEN</style><noscript>HIDDEN</noscript><template>HIDDEN</template>',
    '<meta name=description content="HIDDEN words"><input type=hidden value="HIDDEN words">',
    '<div hidden><img alt="HIDDEN"><a href="https://evil.example/HIDDEN" title="HIDDEN">HIDDEN</a></div>',
    '<iframe srcdoc="HIDDEN" width=0></iframe><object>HIDDEN</object><svg><desc>HIDDEN</desc></svg>',
    '<details><summary>more</summary><span style="display:none">HIDDEN</span></details>',
    '<dialog>HIDDEN</dialog><datalist><option>HIDDEN</datalist>',
    '<p data-note="HIDDEN words of an attacker">x</p>',
    '<title><b style="display:none">x</b></title><div style="display:none"><title>HIDDEN</title></div>',
  ])('%s', (html) => {
    const read = page(`<!doctype html><body>seen ${html} seen`)
    expect(read.kind).toBe('html')
    expect(read.text).not.toContain('HIDDEN')
    expect(read.title).not.toContain('HIDDEN')
    expect(read.text.match(/seen/g)).toHaveLength(2)
  })

  test('what hides is counted; a page without it has none', () => {
    expect(page('<html><p style="display:none">a</p><p hidden>b</p><script>x</script>c').hidden).toBe(2)
    expect(page('<html><title>t</title><script>x</script><!-- y --><p>c').hidden).toBe(0)
  })

  test('a base says what relative links are relative to, once', () => {
    const { text } = page(
      '<html><base href="https://other.example/q/"><base href="https://evil.example/"><a href="r">l</a>',
    )
    expect(text).toBe('l <https://other.example/q/r>')
  })

  test('links that parsers disagree about are words', () => {
    for (const href of ['https://a@evil.example/', 'https://evil.example\\@b/', 'http://0x7f.1/', '//[::1'])
      expect(page(`<html><a href="${href}">word</a>`).text).not.toMatch(/@|0x7f/)
  })
})

/** Pages that a parser, a walk or a pattern could need more than linear time for. */
const HOSTILE: Readonly<Record<string, (size: number) => string>> = {
  'nested elements': (size) => '<div>'.repeat(size / 5),
  'nested in fits': (size) => '<b><p>'.repeat(size / 6),
  'open comments': (size) => '<!--'.repeat(size / 4),
  'open tags': (size) => '<a '.repeat(size / 3),
  spaces: (size) => `<pre>${' '.repeat(size)}x`,
  'empty lines': (size) => `<pre>${' \n'.repeat(size / 2)}`,
  attributes: (size) => `<a ${'x=y '.repeat(size / 4)}>`,
  'different attributes': (size) => `<a ${Array.from({ length: size / 10 }, (_, at) => `x${at}=y`).join(' ')}>`,
  entities: (size) => '&amp;&notit;&#x41;'.repeat(size / 18),
  tables: (size) => '<table><tr><td>'.repeat(size / 15),
  formatting: (size) => '<b><i><u><s>'.repeat(size / 12) + '</div>'.repeat(10),
  links: (size) => '<a href="/x">y</a>'.repeat(size / 18),
  styles: (size) =>
    `<style>${'.a .b .c .d{color:red}'.repeat(size / 44)}</style>${'<p class="a b c d">'.repeat(size / 44)}`,
  'quotes in css': (size) => `<p style="${'(;'.repeat(size / 2)}">x`,
  alts: (size) => `<img alt="${'x '.repeat(size / 2)}">`,
  svg: (size) => '<svg><g><foreignObject>'.repeat(size / 23),
  frames: (size) => `<iframe srcdoc="${'&lt;iframe srcdoc=&quot;'.repeat(size / 30)}">`,
  meta: (size) => `${' '.repeat(500)}<meta ${'charset'.repeat(size / 7)}`,
}
describe('T-156: pages that cost too much', () => {
  test.each(Object.entries(HOSTILE))(
    '%s end, refused or read, in time that grows with their size',
    (_name, make) => {
      /** ms of processor */
      const spent = (size: number): number => {
        const started = process.cpuUsage()
        try {
          page(`<!doctype html>${make(size)}`)
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: 'SP_EGRESS_ANSWER' })
        }
        const { user, system } = process.cpuUsage(started)
        return (user + system) / 1000
      }
      spent(20_000)
      expect(spent(2_000_000)).toBeLessThan(5_000)
    },
    30_000,
  )

  test('anything at all: never an error, and the same twice', () => {
    const pieces =
      '<,>,</,div,p,a href=,style=,"display:none",hidden,<!--,-->,<script>,</script>,<table>,<td>,&#,x41;,&lt,\0,\ufeff,é,"," , =,\n,<svg>,<math>,<template>,<base href=x>,[,],{,}'.split(
        ',',
      )
    let state = 7
    const next = (below: number): number => (state = (state * 48_271) % 2_147_483_647) % below
    for (let round = 0; round < 400; round++) {
      const html = Array.from({ length: next(120) }, () => pieces[next(pieces.length)]).join('')
      const source = round % 2 === 0 ? `<html>${html}` : html
      expect(page(source)).toEqual(page(source))
    }
  }, 30_000)
})
