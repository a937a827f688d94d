/** `scan code` over a repository of 10 000 files, by the program as it is installed: files of packages that lie in node_modules. */
import { spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { basename, join } from 'node:path'

const ROOT = new URL('..', import.meta.url).pathname
const FILES = 10_000
const IN_ONE = 100
/** Bytes; what is larger is a bundle. */
const LARGEST = 200_000
const PROGRAM = /\.(?:[cm]?[jt]s|[jt]sx|py|sh)$/
/** Seconds. */
const LIMIT = 60
const EVERY_MS = 200

/** Prints time, speed and memory; 1 when the limit is missed or it showed no progress. */
export async function tree(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-tree-'))
  try {
    const bytes = fill(folder)
    const started = performance.now()
    const { progress, memory, answer } = await scanned(folder)
    const seconds = (performance.now() - started) / 1000
    const { files, findings, unreadable } = JSON.parse(answer) as Record<'findings' | 'unreadable', unknown[]> & {
      readonly files: number
    }
    process.stdout.write(
      `  ${files} files, ${(bytes / 1e6).toFixed(1)} MB: ${seconds.toFixed(1)} s (at most ${LIMIT}), ${(bytes / 1e6 / seconds).toFixed(2)} MB/s on ${availableParallelism()} processors, ` +
        `${Math.round(memory / 1024)} MB of memory, ${progress} lines of progress, ${findings.length} findings, ${unreadable.length} not scanned\n`,
    )
    return seconds > LIMIT || progress < 10 || files !== FILES ? 1 : 0
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @returns bytes of all files */
function fill(folder: string): number {
  const all = readdirSync(join(ROOT, 'node_modules'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && PROGRAM.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
  // spread over all packages, the same ones each time
  const step = all.length / FILES
  let bytes = 0
  let made = 0
  for (let at = 0; made < FILES && at < all.length * 2; at += step) {
    const file = all[Math.floor(at) % all.length] ?? ''
    const { size } = statSync(file)
    if (size > LARGEST) continue
    const part = join(folder, `part${Math.floor(made / IN_ONE)}`)
    mkdirSync(part, { recursive: true })
    copyFileSync(file, join(part, `${made}-${basename(file)}`))
    bytes += size
    made++
  }
  return bytes
}

function scanned(folder: string): Promise<{ progress: number; memory: number; answer: string }> {
  const program = join(ROOT, 'packages/gateway/bin/sallyport.js')
  const child = spawn(process.execPath, [program, 'scan', 'code', folder, '--json'])
  let [answer, said, memory] = ['', '', 0]
  child.stdout.on('data', (chunk: Buffer) => (answer += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const timer = setInterval(() => (memory = Math.max(memory, peakOf(child.pid))), EVERY_MS)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', () => {
      clearInterval(timer)
      resolve({ progress: said.split('\n').filter((line) => / files, at /.test(line)).length, memory, answer })
    })
  })
}

/** Kilobytes of memory that a process has had at most. */
function peakOf(pid: number | undefined): number {
  try {
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid ?? 0}/status`, 'utf8'))?.[1] ?? 0)
  } catch {
    return 0
  }
}
