import { describe, expect, test } from 'vitest'
import { keyForms } from '../support/key-forms.ts'
import { runProcess, titledHosts, usePrograms } from './run-process.ts'

const KEY = `odd+"k'e\\y$&<#`

describe('a process that ends by an error of ours', () => {
  const programs = usePrograms()

  test.each(titledHosts)('shows no key in its trace: $title', async host => {
    for (const GUARDED of ['', '1']) {
      const environment = { REPLAYSTACK_API_KEY: KEY, GUARDED }
      const { code, stdout, stderr } = await runProcess(host, `${programs.folder}/leaving.mjs`, { environment })
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: expect.stringContaining('ReplayStack could not be reached.'),
      })
      expect(stderr).toContain('The request failed')
      expect(keyForms(KEY).filter(form => `${stdout.join('\n')}${stderr}`.includes(form))).toEqual([])
    }
  })
})
