/** The text of a JSON body as it came: whoever writes the event says whether it has to be parsed. */
export class JsonText {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  /** The text, where `value` is one; of a Proxy nothing is asked. */
  static of(value: unknown): string | undefined {
    return typeof value === 'object' && value !== null && #text in value ? value.#text : undefined
  }
}
