/** @returns what this browser keeps by a name; `null` also where storage is switched off */
export function recall(storage: () => Storage, name: string): string | null {
  try {
    return storage().getItem(`replaystack.${name}`)
  } catch {
    return null
  }
}

/** Keeps a text by a name, or with `null` nothing more; without storage it is forgotten. */
export function remember(storage: () => Storage, name: string, value: string | null): void {
  try {
    if (value === null) storage().removeItem(`replaystack.${name}`)
    else storage().setItem(`replaystack.${name}`, value)
  } catch {
    // Switched off, or full: the page works without it.
  }
}

/** Kept until it is removed. Naming it throws where storage is switched off. */
export const forGood = (): Storage => localStorage
/** Kept as long as this tab. */
export const forThisTab = (): Storage => sessionStorage
