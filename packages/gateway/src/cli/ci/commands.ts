import type { CommandSpec } from '../command.ts'

export const ciCommands: readonly CommandSpec[] = [
  {
    path: 'ci',
    summary:
      'the gate of a build: secrets, code, skills, MCP configurations, known vulnerable packages; exit 1 when the merge is blocked',
    arguments: [['[path]', 'directory; default: this one']],
    options: [
      [
        '--baseline <file>',
        'accepted findings; default: .sallyport-baseline.json in the directory, where there is one',
      ],
      ['--signers <file>', 'public keys (Ed25519, PEM): only entries that one of them has signed count'],
      ['--sign <file>', 'sign the entries of --baseline that have `reason` and `by` with this private key, and end'],
      ['--out <directory>', 'write report.json, report.sarif, report.md, report.html and sbom.json there'],
      ['--npm-audit <file>', 'output of `npm audit --json`, to be read too'],
      ['--require-advisories', 'exit 3 when packages could not be compared with fresh advisories'],
      ['--write-baseline <file>', 'accept what is found now; findings that are high need a reason written in by hand'],
      ['--reason <text>', 'with --write-baseline: the reason for entries that are new'],
    ],
    load: () => import('./ci.ts'),
  },
]
