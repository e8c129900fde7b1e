/** Input that is not what it must be. The message names the field and says what is allowed; it goes out as a 400. */
export class InvalidInputError extends Error {
  override name = 'InvalidInputError'
  readonly status: 400 | 413 = 400
}
