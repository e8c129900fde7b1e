import { expect, it } from 'vitest'
import { maskStrings } from '../../src/mask/json.ts'
import { compileMaskNames } from '../../src/mask/names.ts'
import { findTables } from '../../src/mask/tables.ts'
import { maskText } from '../../src/mask/text.ts'
import { expectLinearTime } from '../support/linear-time.ts'

const names = compileMaskNames()

it.each([
  [
    'CSV',
    'id,email,password\n1,a@b.c,hunter2\n2,b@b.c,x y\n',
    'id,email,password\n1,a@b.c,[MASKED]\n2,b@b.c,[MASKED]\n',
  ],
  ['CSV in quotes', '"id","api_key"\r\n"1","a, ""b"""\r\n', '"id","api_key"\r\n"1","[MASKED]"\r\n'],
  ['CSV with a line that is no row', 'a,pin\n# note\n1,2222\n', 'a,pin\n# note\n1,[MASKED]\n'],
  ['CSV with empty cells', 'a,pin\n1,\n2,null\n,3', 'a,pin\n1,\n2,null\n,[MASKED]'],
  ['CSV with semicolons', 'password;id\nhunter2;1', 'password;id\n[MASKED];1'],
  ['CSV with a byte order mark', '\ufeff"pin","a"\r\n"2222","1"', '\ufeff"pin","a"\r\n"[MASKED]","1"'],
  ['CSV whose first name has spaces', ' full name,sid\nAnn B,abcd', ' full name,sid\nAnn B,[MASKED]'],
  ['TSV', 'user\ttoken\nann\tabc def', 'user\ttoken\nann\t[MASKED]'],
])('a hidden column of %s is masked', (_, text, masked) => {
  expect(maskText(text, names)).toBe(masked)
  expect(JSON.parse(maskStrings(JSON.stringify({ a: 'b', text }), names))).toEqual({ a: 'b', text: masked })
})

it.each([
  'Tokens, keys and secrets\nare of one kind, and so on',
  'password\nhunter',
  'import { a,\n  token,\n  key } from "x"',
  'id,tokenCount\n1,2',
  'a | password\nb | c',
])('%s stays', text => {
  expect(maskText(text, names)).toBe(text)
  expect(maskStrings(JSON.stringify([text]), names)).toBe(JSON.stringify([text]))
})

it.each(['"a,', '"a,\\n', '"a,\\t', '"aaaa', '"\\"', '"a,\\"'])(
  'finds tables of a JSON text in linear time: %j',
  async piece => {
    await expectLinearTime(
      length => piece.repeat(length / piece.length),
      text => findTables(`${text}\\n`, names, () => {}),
    )
  },
)

it.each(['a,pin\n', '|pin|a\n|-|-\n', '-|-', '-|-\n', '\n|', '""', 'a,'])(
  'takes no more than linear time: %j',
  async piece => {
    await expectLinearTime(
      length => `a,pin\n${piece.repeat(length / piece.length)}`,
      text => maskText(text, names),
    )
  },
)
