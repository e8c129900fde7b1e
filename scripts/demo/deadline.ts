import { DemoError } from './demo-error.ts'

/** @throws {@link DemoError} when it has not settled in time */
export async function withDeadline<Result>(work: Promise<Result>, seconds: number, what: string): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DemoError(`${what} within ${seconds} seconds`)), seconds * 1000)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
