import type { Rule } from '../rule.ts'

/** A text with parts that somebody chooses is read by a shell. */
export const SHELL: Rule = {
  id: 'code.dangerous_execution.shell',
  severity: 'critical',
  cwe: 78,
  title: 'A shell reads a command that is put together from values',
  fix: 'Start the program directly with a list of arguments and no shell; put `--` before arguments that others choose.',
  sinks: {
    javascript: [
      { call: '|sh', take: 'shell' },
      {
        call: 'child_process.exec child_process.execSync exec execSync shelljs.exec shell.exec execa.command execa.commandSync execa.execaCommand execa.execaCommandSync execaCommand execaCommandSync sudo-prompt.exec ssh2.exec node-cmd.run node-cmd.get node-cmd.runSync node-exec-promise.exec Bun.spawn.shell $.raw promisify-child-process.exec node-pty.exec exec-sh exec-sh.promise cmd-exec.exec npm-run.exec npm-run.execSync npm-run.sync child-process-promise.exec ssh2-exec simple-ssh.exec zx.$.raw shelljs/global.exec shelljs.cmd.raw node-ssh.NodeSSH().execCommand just-task.exec child_process.exec.__promisify__ @actions/exec.exec @actions/exec.getExecOutput tinyexec.x.raw execa.execaCommand',
        take: 'shell',
      },
      {
        call: '*.exec *.execCommand *.execSync',
        take: 'shell',
        where: [{ on: /ssh|conn(?:ection)?$|child|^cp$|shell|container|exec\(\)$|^exec$|client$|sandbox|session$/i }],
      },
      {
        call: 'child_process.spawn child_process.spawnSync child_process.execFile child_process.execFileSync spawn spawnSync execFile execFileSync execa execa.execa execa.sync execa.execaSync cross-spawn child_process.spawn.sync',
        take: 'shell',
        args: [0, 1],
        where: [{ arg: 'shell', is: 'true' }],
      },
      {
        call: 'child_process.spawn child_process.spawnSync child_process.execFile child_process.execFileSync spawn spawnSync execFile execFileSync execa execa.execa execaSync execa.sync Bun.spawn Bun.spawnSync Deno.Command Deno.run node-pty.spawn pty.spawn',
        take: 'argv',
      },
    ],
    python: [
      { call: '|sh', take: 'shell' },
      {
        call: 'os.system os.popen os.popen2 os.popen3 os.popen4 subprocess.getoutput subprocess.getstatusoutput commands.getoutput commands.getstatusoutput popen2.popen2 popen2.popen3 popen2.popen4 popen2.Popen3 popen2.Popen4 asyncio.create_subprocess_shell pexpect.run pexpect.spawn plumbum.local pty.spawn.shell fabric.run invoke.run invoke.context.Context().run fabric.Connection().run fabric.api.run fabric.api.local fabric.api.sudo win32api.WinExec paramiko.SSHClient().exec_command delegator.run envoy.run sh.bash trio.run_process ipython.system get_ipython().system asyncssh.run pexpect.spawnu pexpect.runu pexpect.popen_spawn.PopenSpawn asyncio.subprocess.create_subprocess_shell asyncio.create_subprocess_shell plumbum.cmd.bash sarge.run sarge.capture_stdout sarge.get_stdout fabric.operations.run fabric.operations.local fabric.operations.sudo invoke.task.run invoke.sudo IPython.get_ipython().system IPython.get_ipython().getoutput nt.system os.popen3 shell.shell',
        take: 'shell',
      },
      {
        call: 'commands.getoutput commands.getstatusoutput popen2.popen2 popen2.popen3 popen2.popen4 popen2.Popen3 popen2.Popen4',
      },
      { call: '*.exec_command *.create_subprocess_shell *.subprocess_shell *.exec_run *.run_command', take: 'shell' },
      {
        call: '*.run *.sudo *.local',
        take: 'shell',
        where: [{ on: /(?:^|[._])(?:c|ctx|conn|connection|host|remote|fabric|invoke)$|Connection\(\)$|Context\(\)$/i }],
        unless: [{ arg: 0, is: 'list' }],
      },
      {
        call: 'subprocess.run subprocess.call subprocess.check_call subprocess.check_output subprocess.Popen asyncio.create_subprocess_exec gevent.subprocess.run',
        take: 'shell',
        args: [0, 'args'],
        where: [{ arg: 'shell', is: 'true' }],
      },
      {
        call: 'subprocess.run subprocess.call subprocess.check_call subprocess.check_output subprocess.Popen asyncio.create_subprocess_exec os.execv os.execve os.execvp os.execvpe os.execl os.execle os.execlp os.execlpe os.spawnv os.spawnvp os.spawnl os.spawnlp os.spawnve os.posix_spawn pty.spawn anyio.run_process trio.run_process',
        take: 'argv',
      },
    ],
    go: [
      { call: '|sh', take: 'shell' },
      { call: 'os/exec.Command', take: 'argv' },
      { call: 'os/exec.CommandContext', take: 'argv' },
      { call: 'syscall.StartProcess syscall.Exec syscall.ForkExec os.StartProcess', take: 'shell' },
      {
        call: '*.Run *.Output *.CombinedOutput *.Start',
        take: 'shell',
        where: [{ on: /sess(?:ion)?$|NewSession\(\)$|ssh/i }],
      },
      {
        call: 'github.com/bitfield/script.Exec script.Exec github.com/codeskyblue/go-sh.Command github.com/mattn/go-shellwords.Parse github.com/kballard/go-shellquote.Split',
        take: 'shell',
      },
      { call: '*.CommandContext *.Command', take: 'argv', where: [{ on: /exec$/i }] },
      { call: 'os/exec.Cmd', take: 'argv' },
    ],
    ruby: [
      { call: '|sh', take: 'shell' },
      {
        call: 'system exec spawn `` Open3.capture2 Open3.capture2e Open3.capture3 Open3.popen2 Open3.popen2e Open3.popen3 Open3.pipeline PTY.spawn PTY.getpty Kernel.system Kernel.exec Kernel.` POSIX.Spawn.spawn TTY.Command.new().run syscall Open3.popen2 Open3.pipeline_r Open3.pipeline_w Open3.pipeline_rw Open3.pipeline_start Process.spawn Process.exec Kernel.spawn Kernel.exec Mixlib.ShellOut.new shell_out shell_out! Rake.sh sh',
        take: 'shell',
        unless: [
          { arg: 1, is: 'given' },
          { arg: 0, is: 'list' },
        ],
      },
      { call: 'IO.popen POSIX.Spawn.popen4', take: 'shell', unless: [{ arg: 0, is: 'list' }] },
      {
        call: 'system exec spawn Process.spawn IO.popen Open3.capture2 Open3.capture2e Open3.capture3 Open3.popen2 Open3.popen3',
        take: 'shell',
        args: [1],
        where: [{ arg: 0, is: 'map' }],
        unless: [{ arg: 2, is: 'given' }],
      },
      {
        call: 'system exec spawn Process.spawn IO.popen Open3.capture2 Open3.capture2e Open3.capture3 Open3.popen2 Open3.popen2e Open3.popen3 PTY.spawn',
        take: 'argv',
      },
      { call: '*.exec! *.exec *.open_channel *.ssh_exec', take: 'shell', where: [{ on: /ssh|session|channel|^ch$/i }] },
      {
        call: 'open Kernel.open IO.read IO.readlines IO.foreach IO.binread',
        take: 'shell',
        where: [{ arg: 0, is: 'dynamic' }],
        unless: [{ arg: 0, like: /^[^|?]+/ }],
      },
    ],
    java: [
      {
        call: '*.exec',
        take: 'shell',
        where: [{ on: /getRuntime\(\)$|[Rr]untime$|Runtime\(\)$|^rt$|[Cc]hannel/ }],
        unless: [{ arg: 0, is: 'list' }],
      },
      { call: '*.exec', take: 'argv', where: [{ on: /getRuntime\(\)$|[Rr]untime$|Runtime\(\)$|^rt$/ }] },
      { call: 'ProcessBuilder *.command', take: 'argv' },
      { call: '*.setCommand', take: 'shell' },
      { call: 'CommandLine.parse', take: 'shell' },
      { call: '*.exec', take: 'shell', where: [{ on: /[sS]sh|[sS]ession|[cC]hannel/ }] },
      {
        call: '*.sendCommand *.executeCommand *.execCommand',
        take: 'shell',
        where: [{ on: /[sS]sh|[sS]hell|[sS]ession|[cC]hannel|[dD]evice/ }],
      },
    ],
    bash: [
      { call: 'eval', take: 'shell', args: [0, 1, 2, 3, 4, 5] },
      {
        call: 'sh bash zsh dash ksh ash su sudo ssh python python2 python3 node perl ruby php xargs env find docker kubectl watch nohup timeout pwsh powershell lxc nsenter chroot parallel runuser awk gawk setsid flock script time exec command',
        take: 'argv',
      },
      { call: 'trap', take: 'shell' },
      { call: '|sh', take: 'shell' },
    ],
  },
  examples: {
    javascript: {
      bad: [
        'import { exec } from "node:child_process"\nexport const ping = (host) => exec("ping -c 1 " + host)',
        'const cp = require("child_process")\ncp["exec" + "Sync"](`tar xf ${archive}`)',
        'import { spawn } from "child_process"\nspawn(`cat ${name}`, { shell: true })',
        'import { spawnSync as go } from "node:child_process"\ngo("bash", ["-c", `wc -l ${file}`])',
        'import { exec } from "child_process"\nimport { promisify } from "util"\nconst sh = promisify(exec)\nasync function size(p) { return sh(["du", "-sh", p].join(" ")) }',
        'const sh = require("child_process").exec.bind(null)\nmodule.exports = (x) => sh("echo " + x)',
        'import shell from "shelljs"\nexport function clone(url) { shell.exec(`git clone ${url}`) }',
      ],
      good: [
        'import { execFile } from "node:child_process"\nexport const log = (author) => execFile("git", ["log", "--author", author])',
        'const found = /a(b)/.exec(text)\nconst all = await multi.exec()',
        'import { spawn } from "child_process"\nspawn("ls", ["-l", dir])',
      ],
    },
    python: {
      bad: [
        'import os\ndef show(name):\n    os.system(f"cat {name}")',
        'from subprocess import run as r\nr("ls " + path, shell=True)',
        'import subprocess\nopts = {"shell": True}\nsubprocess.call("du -s " + d, **opts)',
        'import subprocess, functools\nsh = functools.partial(subprocess.run, shell=True)\ndef f(x):\n    sh("echo %s" % x)',
        'import os\ngetattr(os, "sys" + "tem")("rm -r {}".format(target))',
        'import asyncio\nasync def f(cmd):\n    await asyncio.create_subprocess_shell(cmd)',
        'import subprocess\ndef f(q):\n    subprocess.run(["sh", "-c", "grep " + q + " log"])',
      ],
      good: [
        'import subprocess\ndef f(name):\n    subprocess.run(["cat", "--", name], check=True)',
        'import os, shlex\ndef f(name):\n    os.system("cat " + shlex.quote(name))',
        'import subprocess\ndef f(n):\n    subprocess.run("head -n %d log" % int(n), shell=True)',
        'import subprocess\nTOOLS = {"a": "uptime", "b": "df"}\ndef f(k):\n    subprocess.run(TOOLS[k], shell=True)',
      ],
    },
    go: {
      bad: ['package main\nimport "os/exec"\nfunc list(dir string) { exec.Command("sh", "-c", "ls "+dir).Run() }'],
      good: ['package main\nimport "os/exec"\nfunc list(dir string) { exec.Command("ls", "--", dir).Run() }'],
    },
    ruby: {
      bad: [
        'def size(path)\n  `du -sh #{path}`\nend',
        'system("tar xf #{name}")',
        'Kernel.send(:system, "ls " + dir)',
        'IO.popen("grep #{word} log")',
      ],
      good: ['system("tar", "xf", name)', 'require "shellwords"\nsystem("cat #{Shellwords.escape(name)}")'],
    },
    java: {
      bad: [
        'class A { void f(String h) throws Exception { Runtime.getRuntime().exec("ping " + h); } }',
        'class A { void f(String c) throws Exception { new ProcessBuilder("sh", "-c", "ls " + c).start(); } }',
      ],
      good: ['class A { void f(String h) throws Exception { new ProcessBuilder("ping", "-c", "1", h).start(); } }'],
    },
    bash: {
      bad: ['eval "$1"', 'bash -c "ls $dir"', 'curl -s https://get.example/x | sh'],
      good: ['ls -- "$1"', 'bash -c "uptime"', 'printf "%s" "$x" | sort'],
    },
  },
}
