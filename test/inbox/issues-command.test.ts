import { expect, it, onTestFinished } from 'vitest'
import { runCommandLine } from '../../src/inbox/local/command-line.ts'
import { startInbox } from '../../src/inbox/local/server.ts'
import { createSampleEvent } from './sample-event.ts'

async function startFailing() {
  const inbox = await startInbox()
  onTestFinished(() => inbox.close())
  for (const [errorName, errorMessage] of [
    ['TypeError', 'order 1 is gone\u001b[31m'],
    ['TypeError', 'order 2 is gone\u001b[31m'],
    ['RangeError', 'too far'],
  ] as const) {
    const event = createSampleEvent({ status: 'failed', errorName, errorMessage })
    inbox.store.insert({ event, json: JSON.stringify(event) })
  }
  const run = async (...args: string[]) => {
    const [lines, problems]: [string[], string[]] = [[], []]
    const code = await runCommandLine(['issues', '--inbox', inbox.url, ...args], {
      print: line => lines.push(line),
      printError: line => problems.push(line),
      color: false,
      interrupted: new AbortController().signal,
    })
    return { code, text: lines.join('\n'), lines, problems: problems.join('\n') }
  }
  return { inbox, run }
}

it('lists the open issues, those that a query finds, and each as a line of JSON', async () => {
  const { inbox, run } = await startFailing()
  const all = await run()
  expect([all.code, all.problems]).toEqual([0, ''])
  expect(all.text).toMatch(
    /RangeError: too far[\s\S]*TypeError: order .* is gone[\s\S]*open; 2 failures, 2 in the last/,
  )
  expect(all.text).not.toContain('\u001b')
  expect((await run('--sort', 'count')).text).toMatch(/TypeError[\s\S]*RangeError/)
  const { lines } = await run('error:RangeError', '--json')
  expect(lines.map(line => JSON.parse(line))).toMatchObject([{ errorName: 'RangeError', count: 1, state: 'open' }])
  for (const { issueId } of inbox.store.issues().issues) inbox.store.setIssueState(issueId, 'resolved')
  expect((await run()).text).toBe('No issues.')
  expect((await run('is:resolved', '--limit', '1')).problems).toContain('There are more than 1')
})

it('says what is wrong with what it is asked', async () => {
  const { run } = await startFailing()
  for (const [args, problem] of [
    [['nothing:x'], 'nothing'],
    [['--sort', 'age'], '--sort must be one of lastSeen, firstSeen, count'],
    [['--limit', '0'], '--limit must be a number from 1 to'],
    [['a', 'b'], "Unexpected argument 'b'"],
  ] as const) {
    const { code, problems } = await run(...args)
    expect(code).toBe(2)
    expect(problems).toContain(problem)
  }
})
