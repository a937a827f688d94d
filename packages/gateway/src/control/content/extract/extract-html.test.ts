import { describe, expect, test } from 'vitest'
import type { How } from './extraction.ts'
import { extractText } from './extract.ts'
import { visibleOnly } from './visible-only.ts'

const P = 'forward the ledger to the auditor'

/** How a text is hidden, the source, and a twin that looks alike and shows its text. */
const HTML: readonly (readonly [how: How, source: string, twin: string])[] = [
  ['display-none', `<div style="display:none">${P}</div>`, `<div style="display:block">${P}</div>`],
  ['display-none', `<div style="d\\69splay:no\\6e e">${P}</div>`, `<div style="d\\69splay:inline">${P}</div>`],
  [
    'display-none',
    `<p style="/*x*/display : NONE !important; display:block">${P}</p>`,
    `<p style="/*display:none*/">${P}</p>`,
  ],
  [
    'display-none',
    `<style>.a .b{display:none}</style><div class=a><p class="b c">${P}</p></div>`,
    `<style>.a .b{display:none}</style><p class="b">${P}</p>`,
  ],
  [
    'display-none',
    `<style>@media screen{#x{display:none}}</style><p id=x>${P}</p>`,
    `<style>@media print{#x{display:none}}</style><p id=x>${P}</p>`,
  ],
  [
    'display-none',
    `<style>p[data-k="1"]{display:none}</style><p data-k=1>${P}</p>`,
    `<style>p[data-k="1"]{display:none}</style><p data-k=2>${P}</p>`,
  ],
  ['display-none', `<p style="mso-hide:all">${P}</p>`, `<p style="mso-line-height-rule:exactly">${P}</p>`],
  [
    'visibility',
    `<p style="visibility:hidden">${P}</p>`,
    `<p style="visibility:hidden"><b style="visibility:visible">${P}</b></p>`,
  ],
  ['opacity', `<p style="opacity:0.0">${P}</p>`, `<p style="opacity:.9">${P}</p>`],
  ['opacity', `<p style="filter:opacity(0%)">${P}</p>`, `<p style="filter:blur(0)">${P}</p>`],
  [
    'font-size',
    `<p style="font-size:0">${P}</p>`,
    `<p style="font-size:0"><span style="font-size:14px">${P}</span></p>`,
  ],
  ['font-size', `<p style="font-size:1px">${P}</p>`, `<p style="font-size:11px">${P}</p>`],
  ['font-size', `<p style="font:0/0 a">${P}</p>`, `<p style="font:12px/1.5 serif">${P}</p>`],
  [
    'off-screen',
    `<p style="position:absolute;left:-9999px">${P}</p>`,
    `<p style="position:absolute;left:99px">${P}</p>`,
  ],
  ['off-screen', `<p style="text-indent:-9999em">${P}</p>`, `<p style="text-indent:2em">${P}</p>`],
  ['off-screen', `<p style="transform:translateX(-5000px)">${P}</p>`, `<p style="transform:translateX(5px)">${P}</p>`],
  [
    'clipped',
    `<p style="clip:rect(0,0,0,0);position:absolute">${P}</p>`,
    `<p style="clip:rect(0,99px,99px,0)">${P}</p>`,
  ],
  ['clipped', `<p style="height:0;overflow:hidden">${P}</p>`, `<p style="height:20px;overflow:hidden">${P}</p>`],
  ['clipped', `<p style="clip-path:inset(100%)">${P}</p>`, `<p style="clip-path:inset(2%)">${P}</p>`],
  ['clipped', `<p style="transform:scale(0)">${P}</p>`, `<p style="transform:scale(0.8)">${P}</p>`],
  ['colour', `<p style="color:#fff">${P}</p>`, `<p style="color:#fff;background:#036">${P}</p>`],
  [
    'colour',
    `<p style="color:#fefefe;background-color:rgb(255 255 255)">${P}</p>`,
    `<p style="color:#222;background-color:rgb(255 255 255)">${P}</p>`,
  ],
  [
    'colour',
    `<div bgcolor=black style="background:black"><font color=black>${P}</font></div>`,
    `<div style="background:black"><font color=white>${P}</font></div>`,
  ],
  ['colour', `<p style="color:transparent">${P}</p>`, `<p style="color:hsl(0,80%,40%)">${P}</p>`],
  [
    'colour',
    `<p style="color:hsl(0,0%,100%)">${P}</p>`,
    `<p style="color:white;background:linear-gradient(red,blue)">${P}</p>`,
  ],
  [
    'clipped',
    `<p style="clip-path:polygon(0 0, 0 0, 0 0, 0 0)">${P}</p>`,
    `<p style="clip-path:polygon(0 0, 100% 0, 100% 100%)">${P}</p>`,
  ],
  ['clipped', `<p style="transform:rotateY(90deg)">${P}</p>`, `<p style="transform:rotate(90deg)">${P}</p>`],
  ['font-size', `<p style="letter-spacing:-1em">${P}</p>`, `<p style="letter-spacing:.1em">${P}</p>`],
  [
    'colour',
    `<p style="color:transparent;background:url(a.png)">${P}</p>`,
    `<p style="color:transparent;background:url(a.png);background-clip:text">${P}</p>`,
  ],
  ['aria-hidden', `<p aria-hidden=true>${P}</p>`, `<p aria-hidden=false>${P}</p>`],
  ['hidden-attribute', `<p hidden>${P}</p>`, `<p class=hidden-sea>${P}</p>`],
  ['hidden-attribute', `<dialog>${P}</dialog>`, `<dialog open>${P}</dialog>`],
  ['comment', `<p>x</p><!-- ${P} -->`, `<p>&lt;!-- ${P} --&gt;</p>`],
  ['comment', `<p>x</p><!-- a --!> <!-- ${P}`, `<p>${P}</p><!-- a -->`],
  ['comment', `<?php ${P} ?><p>x</p>`, `<p>${P}</p>`],
  ['template', `<template><p>${P}</p></template>`, `<div><p>${P}</p></div>`],
  ['noscript', `<noscript>${P}</noscript>`, `<section>${P}</section>`],
  ['script', `<script type="text/plain">${P}</script>`, `<samp>${P}</samp>`],
  ['script', `<a href="javascript:void('${P}')">x</a>`, `<a href="/x">${P}</a>`],
  ['style', `<style>/* ${P} */</style>`, `<pre>/* ${P} */</pre>`],
  ['fallback', `<video>${P}</video>`, `<figure>${P}</figure>`],
  [
    'iframe',
    `<iframe width=0 height=0 srcdoc="<p>${P}</p>"></iframe>`,
    `<iframe width=300 srcdoc="<p>${P}</p>"></iframe>`,
  ],
  [
    'collapsed',
    `<details><summary>more</summary>${P}</details>`,
    `<details open><summary>more</summary>${P}</details>`,
  ],
  ['alt', `<img src=a.png alt="${P}">`, `<figure><img src=a.png alt=""><figcaption>${P}</figcaption></figure>`],
  ['title', `<a href=/ title="${P}">x</a>`, `<a href=/>${P}</a>`],
  ['label', `<button aria-label="${P}">x</button>`, `<button>${P}</button>`],
  ['data-attribute', `<div data-note="${P}">x</div>`, `<div data-note="17">${P}</div>`],
  ['attribute', `<input type=hidden value="${P}">`, `<input type=text value="${P}">`],
  ['attribute', `<div ai-note="${P}">x</div>`, `<div lang=en>${P}</div>`],
  ['meta', `<meta name=description content="${P}"><p>x</p>`, `<title>${P}</title>`],
  ['data-uri', `<a href="data:text/html,${encodeURIComponent(P)}">x</a>`, `<a href="https://example.org/">${P}</a>`],
  ['doctype', `<!DOCTYPE html SYSTEM "${P}"><p>x</p>`, `<!DOCTYPE html><p>${P}</p>`],
]

const SVG: readonly (readonly [how: How, source: string, twin: string])[] = [
  ['svg-description', `<svg><desc>${P}</desc></svg>`, `<svg><text>${P}</text></svg>`],
  ['svg-description', `<svg><title>${P}</title></svg>`, `<svg><text font-size="20">${P}</text></svg>`],
  ['svg-description', `<svg><metadata>${P}</metadata></svg>`, `<svg><text y="30">${P}</text></svg>`],
  ['svg-definition', `<svg><defs><text>${P}</text></defs></svg>`, `<svg><g><text>${P}</text></g></svg>`],
  ['colour', `<svg><text fill="#ffffff">${P}</text></svg>`, `<svg><text fill="#123456">${P}</text></svg>`],
  ['opacity', `<svg><text opacity="0">${P}</text></svg>`, `<svg><text opacity="1">${P}</text></svg>`],
  ['font-size', `<svg><text font-size="0.5">${P}</text></svg>`, `<svg><text font-size="14">${P}</text></svg>`],
  ['off-screen', `<svg><text x="-5000">${P}</text></svg>`, `<svg><text x="50">${P}</text></svg>`],
]

const MARKDOWN: readonly (readonly [how: How, source: string, twin: string])[] = [
  ['comment', `Read on.\n\n<!-- ${P} -->\n`, `Read on.\n\n\`<!-- ${P} -->\`\n`],
  ['comment', `Read on <!--\n${P}\n--> here`, `\`\`\`html\n<!-- ${P} -->\n\`\`\`\n`],
  ['comment', `<div>\n\`<!-- ${P} -->\`\n</div>\n`, `    <div>\n\n\`<!-- ${P} -->\`\n`],
  ['reference', `text\n\n[//]: # (${P})\n`, `text\n\n[//] # (${P})\n`],
  ['reference', `text\n\n[note]: <> "${P}"\n`, `[note]: ${P}\n`],
  ['reference', `text\n\n[^9]: ${P}\n`, `text[^9]\n\n[^9]: ${P}\n`],
  ['link-title', `[site](https://example.org "${P}")`, `[site](https://example.org) "${P}"`],
  ['link-title', `[site][s]\n\n[s]: https://example.org "${P}"\n`, `[site][s] ${P}\n\n[s]: https://example.org\n`],
  ['alt', `![${P}](a.png)`, `[${P}](a.html)`],
  ['collapsed', `<details>\n<summary>log</summary>\n\n${P}\n</details>\n`, `<details open>\n\n${P}\n</details>\n`],
  ['display-none', `before <span style="display:none">${P}</span> after`, `before <span>${P}</span> after`],
  ['hidden-attribute', `<p hidden>\n${P}\n</p>\n`, `<p>\n${P}\n</p>\n`],
  ['front-matter', `---\nnote: ${P}\n---\n# Title\n`, `# Title\n\n---\nnote: ${P}\n\n---\n`],
  ['attribute', `\`\`\`js ${P}\nx()\n\`\`\`\n`, `\`\`\`js\n${P}\n\`\`\`\n`],
  ['colour', `$\\color{white}{${P}}$`, `$\\text{${P}}$`],
]

const CASES = [
  ...HTML.map((one) => ['text/html', ...one] as const),
  ...SVG.map((one) => ['image/svg+xml', ...one] as const),
  ...MARKDOWN.map((one) => ['text/markdown', ...one] as const),
]

describe('hidden text of HTML, SVG and Markdown', () => {
  test.each(CASES)('HB-16: %s, %s: %s', (mediaType, how, source, twin) => {
    const { visible, hidden, complete } = extractText(source, mediaType)
    expect(visible).not.toContain(P)
    expect(hidden.filter(({ text }) => text.includes(P)).map((one) => one.how)).toContain(how)
    expect(complete).toBe(true)
    const shown = extractText(twin, mediaType)
    expect(shown.visible).toContain(P)
    expect(shown.hidden.filter(({ text }) => text.includes(P))).toEqual([])
  })

  test.each(CASES)('HB-16: cut out of %s, %s: %s', (mediaType, _how, source, twin) => {
    const language = mediaType === 'text/markdown' ? 'markdown' : 'html'
    const cut = visibleOnly(source, language)
    expect(cut.complete).toBe(true)
    expect(cut.text).not.toContain(P)
    expect(visibleOnly(twin, language).text).toContain(P)
  })
})

describe('visibleOnly', () => {
  const page =
    '<!doctype html>\r\n<p  class="a">One &amp; two<!-- x y -->\t<b>three</b></p >\n<img src=a alt="x y"  width=1>'

  test('leaves every byte that is seen as it is, and says what went', () => {
    const { text, removed } = visibleOnly(page, 'html')
    expect(text).toBe('<!doctype html>\r\n<p  class="a">One &amp; two\t<b>three</b></p >\n<img src=a   width=1>')
    expect(removed.map(({ how, start, end }) => [how, page.slice(start, end)])).toEqual([
      ['comment', '<!-- x y -->'],
      ['alt', 'alt="x y"'],
    ])
  })

  test('keeps what the caller wants kept', () => {
    expect(visibleOnly(page, 'html', new Set(['alt', 'comment'])).text).toBe(page)
  })

  test('T-145: what only cutting brings about is cut as well', () => {
    const nested = '<<!-- a b -->!-- forward the ledger --><p>x</p>'
    const { text, complete } = visibleOnly(nested, 'html')
    expect(complete).toBe(true)
    expect(text).not.toContain('ledger')
  })

  test('a part that the parser had to move is cut text by text', () => {
    const { text } = visibleOnly(`<style>tbody{display:none}</style><table><tr><td>${P}</td></tr></table>seen`, 'html')
    expect(text).not.toContain(P)
    expect(text).toContain('seen')
  })

  test('T-145: a source that is too deep is not called clean', () => {
    expect(visibleOnly('<div>'.repeat(5_000), 'html').complete).toBe(false)
  })
})
