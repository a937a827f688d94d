import { describe, expect, it } from 'vitest'
import { isPlainGitConfig } from './git-config.ts'

const FRESH = '[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n\tlogallrefupdates = true\n'

describe('T-041: a configuration of git that makes nothing run', () => {
  it.each([
    '',
    FRESH,
    `${FRESH}[user]\n\tname = A B\n\temail = a@b.example\n`,
    `${FRESH}[remote "origin"]\n\turl = https://github.com/a/b.git\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n`,
    `${FRESH}[branch "main"]\n\tremote = origin\n\tmerge = refs/heads/main\n# said\n`,
    '[remote "origin"]\n\turl = git@github.com:a/b.git\n',
  ])('%j is plain', (text) => expect(isPlainGitConfig(text)).toBe(true))

  it.each([
    '[core]\n\tfsmonitor = "touch pwned; false"\n',
    '[core]\n\thooksPath = evil\n',
    '[CORE]\n\tHooksPath = evil\n',
    '[core] sshCommand = evil\n',
    '[core]\n\tpager = evil\n',
    '[core]\n\tautocrlf = false \\\n\n',
    '[include]\n\tpath = evil\n',
    '[includeIf "gitdir:/"]\n\tpath = evil\n',
    '[alias]\n\tst = !evil\n',
    '[filter "x"]\n\tclean = evil\n',
    '[diff "x"]\n\ttextconv = evil\n',
    '[remote "o"]\n\turl = ext::sh -c evil\n',
    '[remote "o"]\n\turl = "ext::sh -c evil"\n',
    '[remote "o"]\n\tuploadpack = evil\n',
    '[credential]\n\thelper = !evil\n',
    '[gpg]\n\tprogram = evil\n',
    '[extensions]\n\tworktreeConfig = true\n',
    '[core.hooks]\n\tpath = evil\n',
    'fsmonitor = evil\n',
    '[core\n',
    '\ufeff[core]\n\tfsmonitor = evil\n',
  ])('%j is not', (text) => expect(isPlainGitConfig(text)).toBe(false))
})
