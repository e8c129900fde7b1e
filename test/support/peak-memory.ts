import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'

/** Linux tells what a process is and was in files. */
const PROC = '/proc'

/** The processes that this one has started and that still run. */
export function childProcesses(): number[] {
  const listed = existsSync(PROC)
    ? readdirSync(PROC).filter(name => /^\d+$/.test(name))
    : execFileSync('ps', ['-axo', 'pid='], { encoding: 'utf8' }).trim().split(/\s+/)
  return listed.map(Number).filter(pid => parentOf(pid) === process.pid)
}

function parentOf(pid: number): number | undefined {
  try {
    if (!existsSync(PROC)) return Number(execFileSync('ps', ['-o', 'ppid=', '-p', `${pid}`], { encoding: 'utf8' }))
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`${PROC}/${pid}/status`, 'utf8'))?.[1])
  } catch {
    // It has ended meanwhile.
    return undefined
  }
}

/** Bytes of memory that a process has had at most; where the system does not tell, what it has now. */
export function peakMemory(pid: number): number {
  const kilobytes = existsSync(PROC)
    ? /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`${PROC}/${pid}/status`, 'utf8'))?.[1]
    : execFileSync('ps', ['-o', 'rss=', '-p', `${pid}`], { encoding: 'utf8' })
  return Number(kilobytes) * 1024
}
