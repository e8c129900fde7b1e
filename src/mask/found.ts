type Span = readonly [start: number, end: number, instead: string]

/** Where secrets stand in a text, in any order and also over one another, and what stands there instead. */
export class Found {
  readonly #spans: Span[] = []

  get isEmpty(): boolean {
    return this.#spans.length === 0
  }

  add(start: number, end: number, instead: string): void {
    if (end > start) this.#spans.push([start, end, instead])
  }

  /** Adds what was found in a decoded form of this text. */
  addAll(found: Found, origin: (place: number, isEnd: boolean) => number, encode: (instead: string) => string): void {
    for (const [start, end, instead] of found.#spans) this.add(origin(start, false), origin(end, true), encode(instead))
  }

  /** `text` with as many signs as it has, and none of what was found: what is decoded next keeps its places. */
  blank(text: string): string {
    let blanked = ''
    let from = 0
    for (const [start, end] of this.#sorted()) {
      if (end <= from) continue
      const first = Math.max(start, from)
      blanked += text.slice(from, first) + '*'.repeat(end - first)
      from = end
    }
    return blanked + text.slice(from)
  }

  #sorted(): readonly Span[] {
    return this.#spans.sort((one, other) => one[0] - other[0] || other[1] - one[1])
  }

  /** `text` without what was found in it; the same string where that is nothing. */
  replace(text: string): string {
    if (this.#spans.length === 0) return text
    let replaced = ''
    let from = 0
    for (const [start, end, instead] of this.#sorted()) {
      // What begins inside another is part of it, and may reach further.
      if (start >= from) replaced += text.slice(from, start) + instead
      if (end > from) from = end
    }
    return replaced + text.slice(from)
  }
}
