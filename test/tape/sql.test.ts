import { describe, expect, test } from 'vitest'
import { compileMaskNames } from '../../src/mask/names.ts'
import { maskStatement } from '../../src/tape/sql.ts'

const names = compileMaskNames([])
const mask = (sql: string, ...params: unknown[]) => maskStatement(sql, params, names)

describe('a parameter is hidden by its column', () => {
  test.each<[sql: string, hidden: number[], of: number]>([
    ['SELECT * FROM users WHERE id = ? AND password = ?', [1], 2],
    ['SELECT password FROM users WHERE id = ?', [], 1],
    ['INSERT INTO users (email, password, name) VALUES (?, ?, ?)', [1], 3],
    ['INSERT INTO users (email, password) VALUES (?, ?), (?, ?)', [1, 3], 4],
    ['insert into "users" ("email", "password") values (?1, ?2) on conflict do update set password = ?2', [1], 2],
    ['UPDATE users SET name = ?, api_token = ? WHERE id = ?', [1], 3],
    ['SELECT * FROM users WHERE token = lower(?) AND age > ?', [0], 2],
    ['SELECT * FROM users WHERE token IN (?, ?) LIMIT ?', [0, 1, 2], 3],
    ['SELECT * FROM users WHERE ? = password AND id = 1', [0], 1],
    ['SELECT id /* password = ? */ FROM users -- password\n WHERE id = ?', [], 1],
  ])('%s', (sql, hidden, of) => {
    const params = Array.from({ length: of }, (_, index) => `value ${index}`)
    const { params: masked } = mask(sql, ...params)
    expect(masked.flatMap((value, index) => (value === '[MASKED]' ? [index] : []))).toEqual(hidden)
    expect(masked.filter(value => value !== '[MASKED]')).toEqual(params.filter((_, index) => !hidden.includes(index)))
  })
})

test('so is a literal, and nothing else of the statement changes', () => {
  const sql = "INSERT INTO users (id, password) VALUES (1, 'it''s hunter2'); SELECT 'b' FROM notes"
  expect(mask(sql).sql).toBe("INSERT INTO users (id, password) VALUES (1, '[MASKED]'); SELECT 'b' FROM notes")
})

test('a statement without such a name stays as it is', () => {
  const sql = "SELECT 'a' FROM notes WHERE id = ?"
  expect(mask(sql, 42)).toEqual({ sql, params: [42] })
})
