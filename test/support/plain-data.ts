/** Arbitrary plain data: what JSON has, and dates. */
import fc from 'fast-check'

/** Texts with and without secrets, and with what hides them from a reader who looks for one sign only. */
export const text: fc.Arbitrary<string> = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    ...['Bearer abc.def-ghi', 'Basic dXNlcjpwYXNz', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc', 'sk_live_abcdefgh'],
    ...['postgres://ada:hunter2@db/x', 'password=hunter2&a=b', '{"token":"t","a":[1]}', "it's", '\\"', '\\', '"', '":'],
    ...['AKIAABCDEFGHIJKLMNOP', 'xoxb-1234567890-abcdefghij', 'a%3Dpassword%3Dx', '<secret>x</secret>', '\ud800', '//'],
  ),
)
const key = fc.oneof(
  text,
  fc.constantFrom('id', 'name', 'password', 'Access-Token', 'ssn', '__proto__', 'user.token', '7'),
)
const tied = fc.letrec(tie => ({
  plain: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.date({ noInvalidDate: false }),
    fc.array(tie('plain'), { maxLength: 6 }),
    fc.dictionary(key, tie('plain'), { maxKeys: 6 }),
  ),
}))

export const plain: fc.Arbitrary<unknown> = tied.plain
