import type { Rule } from '../rule.ts'

/** Which program is started is chosen by somebody else. */
export const PROGRAM: Rule = {
  id: 'code.dangerous_execution.program',
  severity: 'high',
  cwe: 78,
  title: 'The program that is started is chosen by somebody else',
  fix: 'Choose between programs by a fixed table of names.',
  sinks: {
    javascript: [
      {
        call: 'child_process.spawn child_process.spawnSync child_process.execFile child_process.execFileSync child_process.fork spawn spawnSync execFile execFileSync Bun.spawn Deno.Command node-pty.spawn',
        take: 'program',
      },
    ],
    python: [
      {
        call: 'subprocess.run subprocess.call subprocess.check_call subprocess.check_output subprocess.Popen os.execv os.execvp os.execl os.execlp os.spawnv os.spawnl os.spawnlp os.startfile',
        take: 'program',
        args: [0, 1],
      },
    ],
    go: [
      { call: 'os/exec.Command syscall.Exec os.StartProcess syscall.ForkExec', take: 'program' },
      { call: 'os/exec.CommandContext', take: 'program', args: [1] },
    ],
    ruby: [{ call: 'system exec spawn IO.popen Open3.capture2 Open3.capture3', take: 'program' }],
    java: [{ call: 'ProcessBuilder', take: 'program' }],
    bash: [{ call: '$command', take: 'program' }],
  },
  examples: {
    javascript: {
      bad: ['import { spawn } from "child_process"\napp.post("/run", (req) => spawn(req.body.tool, ["-v"]))'],
      good: ['import { spawn } from "child_process"\napp.post("/run", (req) => spawn("tar", ["-v"]))'],
    },
    python: {
      bad: ['import subprocess\nsubprocess.run([request.args["tool"], "-v"])'],
      good: ['import subprocess\nsubprocess.run(["tar", "-v"])'],
    },
  },
}

/** Which module is loaded, and run, is chosen by a value. */
export const MODULE: Rule = {
  id: 'code.dangerous_execution.module',
  severity: 'high',
  cwe: 829,
  title: 'The module that is loaded is chosen by a value',
  fix: 'Load modules by constant names, or choose between them by a fixed table.',
  sinks: {
    javascript: [{ call: 'require import', take: 'code' }],
    python: [
      {
        call: '__import__ importlib.import_module importlib.__import__ imp.load_source imp.load_module importlib.util.spec_from_file_location runpy.run_module pydoc.locate pkgutil.resolve_name',
        take: 'code',
        args: [0, 1],
      },
    ],
    go: [{ call: 'plugin.Open', take: 'code' }],
    ruby: [{ call: 'load require Kernel.load Kernel.require require_relative autoload', take: 'code' }],
    java: [{ call: 'Class.forName *.loadClass', take: 'code' }],
    bash: [{ call: 'source .', take: 'code' }],
  },
  examples: {
    javascript: {
      bad: ['const plug = await import(name)', 'const p = require(`./plugins/${name}`)'],
      good: ['const { x } = await import("./x.js")'],
    },
    python: {
      bad: ['import importlib\ndef plug(name):\n    return importlib.import_module(name)'],
      good: ['import importlib\njson = importlib.import_module("json")'],
    },
  },
}
