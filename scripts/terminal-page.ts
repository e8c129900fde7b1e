/** A page that looks like a terminal, for a picture of what a command printed. */
import type { Shown } from './kept-test.ts'

/** What a text looks like after an escape sequence with this number. */
const STYLES: Record<string, string> = {
  1: 'font-weight: bold',
  2: 'opacity: 0.65',
  30: 'color: #14161c',
  31: 'color: #ff7b72',
  32: 'color: #56d364',
  33: 'color: #e3b341',
  34: 'color: #79c0ff',
  36: 'color: #76e3ea',
  90: 'color: #9aa0ac',
  41: 'background: #ff7b72',
  42: 'background: #56d364',
  46: 'background: #76e3ea',
}

/** The numbers that end a style, and what they end. */
const ENDS: Record<string, RegExp> = { 0: /./, 22: /^[12]$/, 39: /^[39]/, 49: /^4/ }

const escapeHtml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

/** @returns the text as HTML, in the colours that its escape sequences name */
function paint(text: string): string {
  let active: string[] = []
  // Odd parts are the numbers of escape sequences.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with one.
  const parts = text.split(/\u001b\[([\d;]*)m/)
  return parts
    .map((part, index) => {
      if (index % 2 === 0) {
        const style = active.map(number => STYLES[number] ?? '').join('; ')
        return part === '' ? '' : `<span style="${style}">${escapeHtml(part)}</span>`
      }
      for (const number of part === '' ? ['0'] : part.split(';')) {
        const end = ENDS[number]
        active = end ? active.filter(one => !end.test(one)) : [...active, number]
      }
      return ''
    })
    .join('')
}

export function terminalPage({ command, output }: Shown): string {
  return `<!doctype html>
<body style="margin: 0; background: #14161c; color: #e6e8ee">
<pre style="margin: 0; padding: 24px 28px; font: 17px/1.5 ui-monospace, monospace; white-space: pre-wrap">
<span style="opacity: 0.65">$</span> ${escapeHtml(command)}
${paint(output.trimEnd())}</pre>
</body>`
}
