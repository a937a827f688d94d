import { escapeText } from '@sallyport/core/approval/escape'
import type { ScanReport } from './report.ts'

/** One page with nothing to load and nothing to run. What comes from the subject is text in it, never markup (T-147). */
export function html({ subject, verdict, files, findings, summary }: ScanReport): string {
  const counts = Object.entries(summary)
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => `<li class="${severity}">${count} ${severity}</li>`)
    .join('')
  const rows = findings.map(
    ({ severity, id, file, line, title, evidence }) =>
      `<tr><td class="${severity}">${severity}</td><td>${text(title)}<br><code>${text(id)}</code></td>` +
      `<td><code>${text(`${file}:${line}`)}</code></td><td><code>${text(evidence)}</code></td></tr>`,
  )
  const fixes = [...new Map(findings.map((finding) => [finding.id, finding])).values()].map(
    ({ id, why, fix }) => `<dt><code>${text(id)}</code></dt><dd>${text(why)} ${text(fix)}</dd>`,
  )
  const found =
    findings.length === 0
      ? '<p>Nothing found.</p>'
      : `<table><thead><tr><th scope="col">Severity</th><th scope="col">What</th><th scope="col">Place</th><th scope="col">Evidence</th></tr></thead>` +
        `<tbody>\n${rows.join('\n')}\n</tbody></table>\n<h2>Why and what to do</h2>\n<dl>${fixes.join('\n')}</dl>`
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Scan of ${text(subject)}</title><style>${STYLE}</style></head>
<body><main><h1>Scan of <code>${text(subject)}</code></h1>
<p>Verdict: <strong>${text(verdict)}</strong>. Files: ${files}.</p><ul>${counts}</ul>
${found}
</main></body></html>
`
}

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem;color:#1d1d1d;background:#fff}' +
  'table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ccc;padding:.5rem;text-align:left;vertical-align:top}' +
  'code{overflow-wrap:anywhere}ul{display:flex;gap:1rem;list-style:none;padding:0}.critical,.high{color:#a1130b;font-weight:600}.medium{color:#7a4700}'

const SIGNS: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const text = (raw: string): string => escapeText(raw).replace(/[&<>"']/g, (sign) => SIGNS[sign] ?? sign)
