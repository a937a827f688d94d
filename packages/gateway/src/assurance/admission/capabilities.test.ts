import { describe, expect, it } from 'vitest'
import { factsOf } from './capabilities.ts'

const can = (path: string, text: string): readonly string[] => factsOf([{ path, text }]).capabilities

describe('what a skill can do', () => {
  it.each([
    ['a.js', 'const names = rows.map((row) => row.name)\nconsole.log(names.length > limit)\n'],
    ['a.py', 'if count > limit:\n    print(count)\n'],
    ['a.sh', 'grep -q x y 2>/dev/null >/dev/null && echo yes\n'],
  ])('HB-33: %s changes nothing', (path, text) => {
    expect(can(path, text)).not.toContain('changes-data')
  })

  it.each([
    ['a.js', "require('fs').writeFileSync('x', 'y')\n"],
    ['a.js', `${'f((a) => a)\n'.repeat(80)}require('fs').writeFileSync('x', 'y')\n`],
    ['a.js', "require('child_process').execSync('echo x >> ~/.profile')\n"],
    ['a.py', 'import os\nos.system("echo x > ~/.profile")\n'],
    ['a.sh', 'echo x >y\n'],
    ['a.sh', 'echo x >/dev/null/../shm/y\n'],
    ['a.sh', 'echo x >/dev/null; echo x > /etc/y\n'],
  ])('HB-33: %s changes data, wherever that stands', (path, text) => {
    expect(can(path, text)).toContain('changes-data')
  })
})
