import type { Part } from './placeholders.ts'

/** Parts as one word of a POSIX shell. The text must be without control characters. */
export function quoteText(given: readonly Part[]): string {
  const parts = mergeTexts(given)
  const text = parts.filter(part => typeof part === 'string').join('')
  // One pair of double quotes reads better, where nothing in it means anything to a shell.
  if (parts.some(part => typeof part !== 'string') && /^[\w :;,./?=&@%+-]*$/.test(text)) {
    return `"${parts.map((part, index) => (typeof part === 'string' ? part : nameVariable(part.variable, parts[index + 1]))).join('')}"`
  }
  return parts.map(part => (typeof part === 'string' ? quote(part) : `"$${part.variable}"`)).join('') || "''"
}

/** A `printf` that writes the parts: what no terminal should see is in octal. */
export function quoteBytes(given: readonly Part[], encoding: 'utf8' | 'latin1' = 'utf8'): string {
  const parts = mergeTexts(given)
  // `%b` reads escapes; a variable's value is taken as it is.
  const format = parts.map(part => (typeof part === 'string' ? '%b' : '%s')).join('')
  const values = parts.map(part =>
    typeof part === 'string' ? quote(escapeBytes(part, encoding)) : `"$${part.variable}"`,
  )
  return ['printf', quote(format), ...values].join(' ')
}

function mergeTexts(parts: readonly Part[]): Part[] {
  const merged: Part[] = []
  for (const part of parts) {
    const last = merged[merged.length - 1]
    if (typeof part === 'string' && typeof last === 'string') merged[merged.length - 1] = last + part
    else merged.push(part)
  }
  return merged
}

function nameVariable(variable: string, next: Part | undefined): string {
  return typeof next === 'string' && /^\w/.test(next) ? `\${${variable}}` : `$${variable}`
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

function escapeBytes(text: string, encoding: 'utf8' | 'latin1'): string {
  const escaped = encoding === 'utf8' ? /\\|[\p{C}\p{Zl}\p{Zp}]/gu : /\\|[^\x20-\x7e]/gu
  return text.replace(escaped, character =>
    character === '\\'
      ? '\\\\'
      : bytesOf(character, encoding)
          .map(byte => `\\0${byte.toString(8).padStart(3, '0')}`)
          .join(''),
  )
}

function bytesOf(character: string, encoding: 'utf8' | 'latin1'): number[] {
  // What Latin-1 has no byte for is written with the lower bytes of its UTF-16 units, as Node writes it.
  return encoding === 'utf8'
    ? [...new TextEncoder().encode(character)]
    : Array.from({ length: character.length }, (_, index) => character.charCodeAt(index) & 0xff)
}
